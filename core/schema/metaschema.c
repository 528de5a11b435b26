/* The metaschemas of JSON Schema 2020-12 and draft-07, so that a schema may refer to them without a
 * network. Only what checks and refers is here; titles and comments are left out. */
#include "core/schema/node.h"

#define BASE "https://json-schema.org/draft/2020-12/"
#define HEAD(name, vocabulary, anchor)                                                             \
    "{\"$schema\":\"" BASE "schema\",\"$id\":\"" BASE name "\",\"$vocabulary\":{" vocabulary      \
    "},\"$dynamicAnchor\":\"" anchor "\",\"type\":[\"object\",\"boolean\"],"
#define VOCABULARY(name) "\"" BASE "vocab/" name "\":true"
#define META "{\"$dynamicRef\":\"#meta\"}"
#define META_OBJECT "{\"type\":\"object\",\"additionalProperties\":" META ",\"default\":{}}"
#define COUNT "{\"type\":\"integer\",\"minimum\":0}"
#define STRINGS                                                                                    \
    "{\"type\":\"array\",\"items\":{\"type\":\"string\"},\"uniqueItems\":true,\"default\":[]}"

static const struct {
    struct str uri;
    struct str text;
} metaschemas[] = {
    {STR_INIT(BASE "schema"),
     STR_INIT(HEAD("schema",
                   VOCABULARY("core") "," VOCABULARY("applicator") "," VOCABULARY("unevaluated") ","
                   VOCABULARY("validation") "," VOCABULARY("meta-data") ","
                   VOCABULARY("format-annotation") "," VOCABULARY("content"), "meta")
              "\"allOf\":[{\"$ref\":\"meta/core\"},{\"$ref\":\"meta/applicator\"},"
              "{\"$ref\":\"meta/unevaluated\"},{\"$ref\":\"meta/validation\"},"
              "{\"$ref\":\"meta/meta-data\"},{\"$ref\":\"meta/format-annotation\"},"
              "{\"$ref\":\"meta/content\"}],"
              "\"properties\":{\"definitions\":" META_OBJECT
              ",\"dependencies\":{\"type\":\"object\","
              "\"additionalProperties\":{\"anyOf\":[" META ",{\"$ref\":\"meta/validation#/$defs/"
              "stringArray\"}]},\"default\":{}},\"$recursiveAnchor\":{\"$ref\":\"meta/core#/$defs/"
              "anchorString\"},\"$recursiveRef\":"
              "{\"$ref\":\"meta/core#/$defs/uriReferenceString\"}}}")},
    {STR_INIT(BASE "meta/core"),
     STR_INIT(HEAD("meta/core", VOCABULARY("core"), "meta")
              "\"properties\":{\"$id\":{\"$ref\":\"#/$defs/uriReferenceString\",\"pattern\":"
              "\"^[^#]*#?$\"},\"$schema\":{\"$ref\":\"#/$defs/uriString\"},\"$ref\":{\"$ref\":"
              "\"#/$defs/uriReferenceString\"},\"$anchor\":{\"$ref\":\"#/$defs/anchorString\"},"
              "\"$dynamicRef\":{\"$ref\":\"#/$defs/uriReferenceString\"},\"$dynamicAnchor\":"
              "{\"$ref\":\"#/$defs/anchorString\"},\"$vocabulary\":{\"type\":\"object\","
              "\"propertyNames\":{\"$ref\":\"#/$defs/uriString\"},\"additionalProperties\":"
              "{\"type\":\"boolean\"}},\"$comment\":{\"type\":\"string\"},\"$defs\":{\"type\":"
              "\"object\",\"additionalProperties\":" META
              "}},\"$defs\":{\"anchorString\":{\"type\":"
              "\"string\",\"pattern\":\"^[A-Za-z_][-A-Za-z0-9._]*$\"},\"uriString\":{\"type\":"
              "\"string\",\"format\":\"uri\"},\"uriReferenceString\":{\"type\":\"string\","
              "\"format\":\"uri-reference\"}}}")},
    {STR_INIT(BASE "meta/applicator"),
     STR_INIT(HEAD("meta/applicator", VOCABULARY("applicator"), "meta")
              "\"properties\":{\"prefixItems\":{\"$ref\":\"#/$defs/schemaArray\"},\"items\":" META
              ",\"contains\":" META ",\"additionalProperties\":" META ",\"properties\":" META_OBJECT
              ",\"patternProperties\":{\"type\":\"object\",\"additionalProperties\":" META
              ",\"propertyNames\":{\"format\":\"regex\"},\"default\":{}},\"dependentSchemas\":"
              META_OBJECT ",\"propertyNames\":" META ",\"if\":" META ",\"then\":" META ",\"else\":"
              META ",\"allOf\":{\"$ref\":\"#/$defs/schemaArray\"},\"anyOf\":{\"$ref\":"
              "\"#/$defs/schemaArray\"},\"oneOf\":{\"$ref\":\"#/$defs/schemaArray\"},\"not\":" META
              "},\"$defs\":{\"schemaArray\":"
              "{\"type\":\"array\",\"minItems\":1,\"items\":" META "}}}")},
    {STR_INIT(BASE "meta/unevaluated"),
     STR_INIT(HEAD("meta/unevaluated", VOCABULARY("unevaluated"), "meta")
              "\"properties\":{\"unevaluatedItems\":" META
              ",\"unevaluatedProperties\":" META "}}")},
    {STR_INIT(BASE "meta/validation"),
     STR_INIT(HEAD("meta/validation", VOCABULARY("validation"), "meta")
              "\"properties\":{\"type\":{\"anyOf\":[{\"$ref\":\"#/$defs/simpleTypes\"},{\"type\":"
              "\"array\",\"items\":{\"$ref\":\"#/$defs/simpleTypes\"},\"minItems\":1,"
              "\"uniqueItems\":true}]},\"const\":true,\"enum\":{\"type\":\"array\",\"items\":true},"
              "\"multipleOf\":{\"type\":\"number\",\"exclusiveMinimum\":0},\"maximum\":{\"type\":"
              "\"number\"},\"exclusiveMaximum\":{\"type\":\"number\"},\"minimum\":{\"type\":"
              "\"number\"},\"exclusiveMinimum\":{\"type\":\"number\"},\"maxLength\":" COUNT
              ",\"minLength\":" COUNT ",\"pattern\":{\"type\":\"string\",\"format\":\"regex\"},"
              "\"maxItems\":" COUNT ",\"minItems\":" COUNT ",\"uniqueItems\":{\"type\":\"boolean\","
              "\"default\":false},\"maxContains\":" COUNT ",\"minContains\":" COUNT
              ",\"maxProperties\":" COUNT ",\"minProperties\":" COUNT ",\"required\":" STRINGS
              ",\"dependentRequired\":{\"type\":\"object\",\"additionalProperties\":" STRINGS "}},"
              "\"$defs\":{\"nonNegativeInteger\":" COUNT ",\"simpleTypes\":{\"enum\":[\"array\","
              "\"boolean\",\"integer\",\"null\",\"number\",\"object\",\"string\"]},\"stringArray\":"
              STRINGS "}}")},
    {STR_INIT(BASE "meta/meta-data"),
     STR_INIT(HEAD("meta/meta-data", VOCABULARY("meta-data"), "meta")
              "\"properties\":{\"title\":{\"type\":\"string\"},\"description\":{\"type\":"
              "\"string\"},\"default\":true,\"deprecated\":{\"type\":\"boolean\"},\"readOnly\":"
              "{\"type\":\"boolean\"},\"writeOnly\":{\"type\":\"boolean\"},\"examples\":{\"type\":"
              "\"array\",\"items\":true}}}")},
    {STR_INIT(BASE "meta/format-annotation"),
     STR_INIT(HEAD("meta/format-annotation", VOCABULARY("format-annotation"), "meta")
              "\"properties\":{\"format\":{\"type\":\"string\"}}}")},
    {STR_INIT(BASE "meta/content"),
     STR_INIT(HEAD("meta/content", VOCABULARY("content"), "meta")
              "\"properties\":{\"contentEncoding\":{\"type\":\"string\"},\"contentMediaType\":"
              "{\"type\":\"string\"},\"contentSchema\":" META "}}")},
    {STR_INIT("http://json-schema.org/draft-07/schema"),
     STR_INIT("{\"$schema\":\"http://json-schema.org/draft-07/schema#\",\"$id\":\"http://js"
              "on-schema.org/draft-07/schema#\",\"definitions\":{\"schemaArray\":{\"type\":"
              "\"array\",\"minItems\":1,\"items\":{\"$ref\":\"#\"}},\"nonNegativeInteger\":"
              "{\"type\":\"integer\",\"minimum\":0},\"nonNegativeIntegerDefault0\":{\"allOf"
              "\":[{\"$ref\":\"#/definitions/nonNegativeInteger\"},{\"default\":0}]},\"simp"
              "leTypes\":{\"enum\":[\"array\",\"boolean\",\"integer\",\"null\",\"number\","
              "\"object\",\"string\"]},\"stringArray\":{\"type\":\"array\",\"items\":{\"typ"
              "e\":\"string\"},\"uniqueItems\":true}},\"type\":[\"object\",\"boolean\"],\"p"
              "roperties\":{\"$id\":{\"type\":\"string\",\"format\":\"uri-reference\"},\"$s"
              "chema\":{\"type\":\"string\",\"format\":\"uri\"},\"$ref\":{\"type\":\"string"
              "\",\"format\":\"uri-reference\"},\"$comment\":{\"type\":\"string\"},\"title"
              "\":{\"type\":\"string\"},\"description\":{\"type\":\"string\"},\"default\":t"
              "rue,\"readOnly\":{\"type\":\"boolean\"},\"examples\":{\"type\":\"array\",\"i"
              "tems\":true},\"multipleOf\":{\"type\":\"number\",\"exclusiveMinimum\":0},\"m"
              "aximum\":{\"type\":\"number\"},\"exclusiveMaximum\":{\"type\":\"number\"},\""
              "minimum\":{\"type\":\"number\"},\"exclusiveMinimum\":{\"type\":\"number\"},"
              "\"maxLength\":{\"$ref\":\"#/definitions/nonNegativeInteger\"},\"minLength\":"
              "{\"$ref\":\"#/definitions/nonNegativeIntegerDefault0\"},\"pattern\":{\"type"
              "\":\"string\",\"format\":\"regex\"},\"additionalItems\":{\"$ref\":\"#\"},\"i"
              "tems\":{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#/definitions/schemaArray\"}"
              "]},\"maxItems\":{\"$ref\":\"#/definitions/nonNegativeInteger\"},\"minItems\""
              ":{\"$ref\":\"#/definitions/nonNegativeIntegerDefault0\"},\"uniqueItems\":{\""
              "type\":\"boolean\"},\"contains\":{\"$ref\":\"#\"},\"maxProperties\":{\"$ref"
              "\":\"#/definitions/nonNegativeInteger\"},\"minProperties\":{\"$ref\":\"#/def"
              "initions/nonNegativeIntegerDefault0\"},\"required\":{\"$ref\":\"#/definition"
              "s/stringArray\"},\"additionalProperties\":{\"$ref\":\"#\"},\"definitions\":{"
              "\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"}},\"properties"
              "\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"}},\"pattern"
              "Properties\":{\"type\":\"object\",\"additionalProperties\":{\"$ref\":\"#\"},"
              "\"propertyNames\":{\"format\":\"regex\"}},\"dependencies\":{\"type\":\"objec"
              "t\",\"additionalProperties\":{\"anyOf\":[{\"$ref\":\"#\"},{\"$ref\":\"#/defi"
              "nitions/stringArray\"}]}},\"propertyNames\":{\"$ref\":\"#\"},\"const\":true,"
              "\"enum\":{\"type\":\"array\",\"items\":true,\"minItems\":1,\"uniqueItems\":t"
              "rue},\"type\":{\"anyOf\":[{\"$ref\":\"#/definitions/simpleTypes\"},{\"type\""
              ":\"array\",\"items\":{\"$ref\":\"#/definitions/simpleTypes\"},\"minItems\":1"
              ",\"uniqueItems\":true}]},\"format\":{\"type\":\"string\"},\"contentMediaType"
              "\":{\"type\":\"string\"},\"contentEncoding\":{\"type\":\"string\"},\"if\":{"
              "\"$ref\":\"#\"},\"then\":{\"$ref\":\"#\"},\"else\":{\"$ref\":\"#\"},\"allOf"
              "\":{\"$ref\":\"#/definitions/schemaArray\"},\"anyOf\":{\"$ref\":\"#/definiti"
              "ons/schemaArray\"},\"oneOf\":{\"$ref\":\"#/definitions/schemaArray\"},\"not"
              "\":{\"$ref\":\"#\"}}}")},
};

struct str metaschema_text(struct str uri)
{
    for (size_t i = 0; i < sizeof(metaschemas) / sizeof(metaschemas[0]); i++)
        if (str_eq(metaschemas[i].uri, uri))
            return metaschemas[i].text;
    return (struct str){"", 0};
}
