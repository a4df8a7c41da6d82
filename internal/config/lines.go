package config

import (
	"cmp"
	"fmt"
	"slices"

	"go.yaml.in/yaml/v3"
)

// lineIndex maps each key's path ("etl.sources.0.schedule") to its line, so
// that a fault found after decoding can still name one.
func lineIndex(root *yaml.Node) map[string]int {
	lines := map[string]int{}
	for _, document := range root.Content {
		indexNode(document, "", lines)
	}
	return lines
}

func indexNode(node *yaml.Node, path string, lines map[string]int) {
	join := func(key string) string {
		if path == "" {
			return key
		}
		return path + "." + key
	}
	switch node.Kind {
	case yaml.MappingNode:
		for i := 0; i+1 < len(node.Content); i += 2 {
			key := join(node.Content[i].Value)
			lines[key] = node.Content[i].Line
			indexNode(node.Content[i+1], key, lines)
		}
	case yaml.SequenceNode:
		for i, item := range node.Content {
			key := join(fmt.Sprint(i))
			lines[key] = item.Line
			indexNode(item, key, lines)
		}
	}
}

func sorted(faults Faults) Faults {
	slices.SortStableFunc(faults, func(a, b Fault) int { return cmp.Compare(a.Line, b.Line) })
	return faults
}
