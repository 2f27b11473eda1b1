"""JSON Schemas of the project, held to by tests."""


def strict(schema):
    """The same without any freedom: no member that the schema does not name."""
    if isinstance(schema, list):
        return [strict(s) for s in schema]
    if not isinstance(schema, dict):
        return schema
    tight = {key: strict(value) for key, value in schema.items()}
    if isinstance(tight.get('properties'), dict) and 'type' in tight:
        tight['additionalProperties'] = False
    return tight
