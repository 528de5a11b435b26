/* What $schema says: the dialect, and what a metaschema of somebody's own leaves out or adds. */
#include "core/schema/node.h"
#include "core/uri/reference.h"

#define VOCABULARY "https://json-schema.org/draft/2020-12/vocab/"

static const struct str known_vocabularies[] = {
    STR_INIT(VOCABULARY "core"),       STR_INIT(VOCABULARY "applicator"),
    STR_INIT(VOCABULARY "validation"), STR_INIT(VOCABULARY "unevaluated"),
    STR_INIT(VOCABULARY "meta-data"),  STR_INIT(VOCABULARY "format-annotation"),
    STR_INIT(VOCABULARY "content"),    STR_INIT(VOCABULARY "format-assertion"),
};

static bool is_draft_07(struct str uri)
{
    return str_eq(uri, STR("http://json-schema.org/draft-07/schema")) ||
           str_eq(uri, STR("https://json-schema.org/draft-07/schema"));
}

static bool is_known(struct json vocabulary)
{
    for (size_t i = 0; i < sizeof(known_vocabularies) / sizeof(known_vocabularies[0]); i++)
        if (json_is(vocabulary, known_vocabularies[i]))
            return true;
    return false;
}

static int read_vocabulary(struct json vocabulary, struct document *document, struct error *err)
{
    struct json_iter it = json_iter(vocabulary);
    if (!json_exists(vocabulary))
        return ST_OK;
    while (json_next(&it)) {
        bool needed = false;
        if (json_bool(it.value, &needed) && needed && !is_known(it.key))
            return error_set(err, ST_UNSUPPORTED, "the vocabulary %.*s is not supported",
                             STR_ARG(json_text(it.key)));
    }
    document->no_validation = !json_exists(json_get(vocabulary, STR(VOCABULARY "validation")));
    document->assert_formats =
        json_exists(json_get(vocabulary, STR(VOCABULARY "format-assertion")));
    return ST_OK;
}

int dialect_read(struct schema *schema, struct json root, struct document *document,
                 struct error *err)
{
    struct json dialect = json_get(root, STR("$schema"));
    struct str uri, fragment;
    if (!json_exists(dialect))
        return ST_OK;
    uri_split(schema_text(schema, dialect), &uri, &fragment);
    if (is_draft_07(uri)) {
        document->dialect = DIALECT_DRAFT_07;
        return ST_OK;
    }
    if (str_eq(uri, STR("https://json-schema.org/draft/2020-12/schema")))
        return ST_OK;
    const struct json_doc *own = library_find(schema->library, uri);
    if (own)
        return read_vocabulary(json_get(json_root(own), STR("$vocabulary")), document, err);
    return error_set(err, ST_UNSUPPORTED,
                     "$schema %.*s is not supported; use "
                     "https://json-schema.org/draft/2020-12/schema or "
                     "http://json-schema.org/draft-07/schema#",
                     STR_ARG(json_text(dialect)));
}
