#include "adapters/driving/cli/network/strings.h"

#include <stdlib.h>
#include <string.h>

#include "core/json/json.h"

/* Decoded, each is no longer than its JSON text. */
static int decode(struct json list, struct strings *out, struct error *err)
{
    struct buffer scratch = BUFFER_INIT;
    struct json_iter it = json_iter(list);
    struct str text;
    char *to = out->text;
    int rc = ST_OK;
    while (!rc && json_next(&it)) {
        buffer_reset(&scratch, SIZE_MAX);
        if (!json_string(it.value, &scratch, &text)) {
            rc = error_set(err, ST_NOMEM, "out of memory");
            break;
        }
        if (text.len)
            memcpy(to, text.ptr, text.len);
        out->items[out->count++] = (struct str){to, text.len};
        to += text.len;
    }
    buffer_clear(&scratch);
    return rc;
}

int strings_read(const struct config *config, const char *key, struct strings *out,
                 struct error *err)
{
    struct str text = config_text(config, key);
    struct strings made = {0};
    struct json_doc *doc;
    int rc = json_parse(text, &doc, err);
    if (rc)
        return rc;
    made.items = calloc(json_count(json_root(doc)) + 1, sizeof(*made.items));
    made.text = malloc(text.len + 1);
    rc = made.items && made.text ? decode(json_root(doc), &made, err)
                                 : error_set(err, ST_NOMEM, "out of memory");
    json_free(doc);
    if (rc)
        strings_clear(&made);
    else
        *out = made;
    return rc;
}

void strings_clear(struct strings *strings)
{
    free(strings->items);
    free(strings->text);
    *strings = (struct strings){0};
}
