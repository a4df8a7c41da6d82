package config

import (
	"fmt"
	"regexp"
	"strconv"
	"time"

	"go.yaml.in/yaml/v3"
)

// A Duration is a length of time, written 45d, 36h, 10m or 30s.
type Duration time.Duration

var inDays = regexp.MustCompile(`^(\d{1,4})d$`)

// UnmarshalYAML implements yaml.Unmarshaler.
func (d *Duration) UnmarshalYAML(node *yaml.Node) error {
	if m := inDays.FindStringSubmatch(node.Value); m != nil {
		days, _ := strconv.Atoi(m[1])
		*d = Duration(time.Duration(days) * 24 * time.Hour)
		return nil
	}
	length, err := time.ParseDuration(node.Value)
	if err != nil || length < 0 || node.Kind != yaml.ScalarNode {
		return &yaml.TypeError{Errors: []string{fmt.Sprintf("line %d: %q is not a length of time, such as 45d, 36h, 10m or 30s", node.Line, node.Value)}}
	}
	*d = Duration(length)
	return nil
}
