/*
 * plugin.json: everything static that there is to know about a plugin, read strictly.
 *
 * An unknown key, a wrong type or a number out of range is an error with the JSON Pointer of the
 * value; nothing is guessed. Tools, resources and prompts stay slices of the file's bytes, so that
 * clients get what the author wrote, key order included.
 */
#pragma once

#include "adapters/driven/plugin_host/record.h"
#include "core/json/json.h"

#define MANIFEST_MAX_BYTES ((size_t)1 << 20)

/* Tools, resources, templates and prompts: at most so many of each. */
#define MANIFEST_MAX_ENTRIES 1024u

/* Checks that need other parts of hexmcp. A function that is NULL is not asked. */
struct plugin_checks {
    void *ctx;

    /* ST_OK if `schema` compiles as a JSON Schema. */
    int (*check_schema)(void *ctx, struct str schema, struct error *err);

    /* Checks `settings` (an object) against `schema` and appends them, with the schema's defaults
     * filled in, to `filled`. */
    int (*check_settings)(void *ctx, struct str schema, struct str settings,
                          struct buffer *filled, struct error *err);

    /* [any] Checks the JSON text `value` against `schema`, with `formats` also its formats, and
     * appends what hexmcp.schema/1 tells of it to `result`. NULL: plugins have no such service. */
    int (*check_value)(void *ctx, struct str schema, struct str value, bool formats,
                       struct buffer *result, struct error *err);
};

struct manifest {
    struct json_doc *doc;
    uint32_t abi_major;
    uint32_t abi_minor;
    uint32_t flags; /* RECORD_* */
    /* The decoded texts, raw JSON where record.h says so. TEXT_FOLDER, TEXT_PLACE, TEXT_NEEDED and
     * TEXT_REASON stay empty. */
    struct str text[TEXT_COUNT];
    struct record_item_draft *items; /* of all kinds, in the order of the file */
    size_t item_count;
    size_t item_cap;
    struct buffer scratch[TEXT_COUNT]; /* decoded texts that held escapes */
    const struct plugin_checks *checks;
};

/* Reads the manifest in `bytes`, which is borrowed and must outlive it. On failure nothing has to
 * be freed. `checks` may be NULL. Errors: ST_INVALID, ST_TOO_LARGE, ST_NOMEM; the text begins with
 * "plugin.json: ". */
int manifest_read(struct str bytes, const struct plugin_checks *checks, struct manifest *out,
                  struct error *err);

void manifest_clear(struct manifest *m);
