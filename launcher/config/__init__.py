"""The configuration: `schema` its values, `template` the text with names in braces, `load` its layers."""
