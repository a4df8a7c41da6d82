package dashboard

import (
	"reflect"
	"strings"

	"stalkstats/dashboard/report"
)

// object is a JSON object, as a part of a document.
type object map[string]any

// schemaOf is the JSON schema of what a Go type is written as. What each field
// means stands in its tags. A pointer may be null; nothing is left out.
func schemaOf[T any]() object { return schemaOfType(reflect.TypeFor[T]()) }

func schemaOfType(t reflect.Type) object {
	switch t.Kind() {
	case reflect.Pointer:
		return orNull(schemaOfType(t.Elem()))
	case reflect.Slice:
		return object{"type": "array", "items": schemaOfType(t.Elem())}
	case reflect.Struct:
		return structSchema(t)
	case reflect.String:
		return object{"type": "string"}
	case reflect.Bool:
		return object{"type": "boolean"}
	case reflect.Int:
		return object{"type": "integer"}
	case reflect.Float64:
		return object{"type": "number"}
	}
	panic("no schema of " + t.String()) // a fault of the build
}

func structSchema(t reflect.Type) object {
	properties, required := object{}, []string{}
	for f := range t.Fields() {
		name := f.Tag.Get("json")
		if name == "" {
			continue
		}
		schema := schemaOfType(f.Type)
		schema["description"] = f.Tag.Get("doc")
		if format := f.Tag.Get("format"); format != "" {
			schema["format"] = format
		}
		if values := f.Tag.Get("enum"); values != "" {
			schema["enum"] = strings.Split(values, ",")
		}
		properties[name], required = schema, append(required, name)
	}
	return closed(properties, required)
}

// closed is an object with these properties, all of them, and no other.
func closed(properties object, required []string) object {
	return object{"type": "object", "properties": properties, "required": required, "additionalProperties": false}
}

func orNull(schema object) object {
	if kind, ok := schema["type"].(string); ok && kind != "object" {
		schema["type"] = []string{kind, "null"}
		return schema
	}
	return object{"anyOf": []any{schema, object{"type": "null"}}}
}

// listSchema is an object that holds a list under a name.
func listSchema[T any](name string) object {
	return listOf(name, schemaOf[T]())
}

func listOf(name string, item object) object {
	return closed(object{name: object{"type": "array", "items": item}}, []string{name})
}

// columnTypes is how the datatypes of columns are written.
var columnTypes = map[string]object{
	"string":   {"type": "string"},
	"integer":  {"type": []string{"integer", "null"}},
	"decimal":  {"type": []string{"number", "null"}},
	"date":     {"type": []string{"string", "null"}, "format": "date"},
	"dateTime": {"type": []string{"string", "null"}, "format": "date-time"},
}

// rowSchema is the schema of a row of a report.
func rowSchema(columns []report.Column) object {
	properties, required := object{}, []string{}
	for _, c := range columns {
		schema := object{"description": c.Title + ": " + c.Describe}
		for key, value := range columnTypes[c.Datatype] {
			schema[key] = value
		}
		properties[c.Name], required = schema, append(required, c.Name)
	}
	return closed(properties, required)
}

func statementsSchema() object {
	return listOf("recommendations", rowSchema(report.RecommendationColumns))
}

func observationPageSchema() object {
	schema := schemaOf[observationPage]()
	schema["properties"].(object)["observations"] = object{"type": "array", "maxItems": mostLimit, "items": rowSchema(report.ObservationColumns)}
	schema["required"] = append(schema["required"].([]string), "observations")
	return schema
}
