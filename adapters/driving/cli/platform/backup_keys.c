#include "adapters/driving/cli/platform/backup_keys.h"

#include <stdlib.h>
#include <string.h>

#include "adapters/driven/private_file/private_file.h"
#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"
#include "core/json/json.h"

#define DIGITS ((size_t)2 * STREAM_KEY_BYTES)

static int digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

static int parse(struct str text, const char *name, uint8_t key[STREAM_KEY_BYTES], struct error *err)
{
    while (text.len && (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r'))
        text.len--;
    bool right = text.len == DIGITS;
    for (size_t i = 0; right && i < STREAM_KEY_BYTES; i++) {
        int high = digit(text.ptr[2 * i]), low = digit(text.ptr[2 * i + 1]);
        right = high >= 0 && low >= 0;
        key[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
    }
    return right ? ST_OK
                 : error_set(err, ST_CONFIG,
                             "the key \"%s\" of backup.keys is not 64 hexadecimal digits", name);
}

static int from_file(struct json path, const char *name, struct buffer *out, struct error *err)
{
    struct buffer text = BUFFER_INIT;
    struct stat seen;
    json_decode(path, &text);
    buffer_add_char(&text, '\0');
    int rc = buffer_failed(&text) ? error_set(err, ST_NOMEM, "out of memory")
                                  : private_file_read(text.data, 1024, out, &seen, err);
    if (rc)
        error_prefix(err, "the key \"%s\" of backup.keys, in %s: ", name, text.data ? text.data : "");
    buffer_clear(&text);
    return rc;
}

static int from_environment(struct json variable, const char *name, struct buffer *out,
                            struct error *err)
{
    struct buffer text = BUFFER_INIT;
    json_decode(variable, &text);
    buffer_add_char(&text, '\0');
    const char *value = buffer_failed(&text) ? NULL : getenv(text.data);
    if (value)
        buffer_add_str(out, str_from(value));
    else
        error_set(err, ST_NOT_FOUND, "the key \"%s\" of backup.keys: there is no variable %s", name,
                  text.data ? text.data : "");
    buffer_clear(&text);
    return value ? ST_OK : ST_NOT_FOUND;
}

static int find(struct json keys, const char *name, uint8_t key[STREAM_KEY_BYTES], struct error *err)
{
    struct json where = json_get(keys, str_from(name));
    struct json file = json_get(where, STR("file")), variable = json_get(where, STR("env"));
    struct buffer text = BUFFER_INIT;
    int rc;
    if (json_type(file) == JSON_STRING)
        rc = from_file(file, name, &text, err);
    else if (json_type(variable) == JSON_STRING)
        rc = from_environment(variable, name, &text, err);
    else
        return error_set(err, ST_NOT_FOUND,
                         "there is no key \"%s\" in backup.keys: {\"%s\": {\"file\": path}}", name, name);
    if (!rc)
        rc = parse(buffer_str(&text), name, key, err);
    buffer_wipe(&text);
    return rc;
}

int backup_keys_find(void *ctx, const char *name, uint8_t key[STREAM_KEY_BYTES], struct error *err)
{
    struct json_doc *doc;
    int rc = json_parse(str_from(ctx), &doc, err);
    if (rc)
        return error_prefix(err, "backup.keys: ");
    rc = find(json_root(doc), name, key, err);
    json_free(doc);
    return rc;
}
