/*
 * Any text, read by three parsers. A difference between the one that checks a message and the one that
 * a plugin uses later is a hole, so: what core/json takes, jansson (strict) and cJSON take too, and all
 * find the same values; what jansson takes, core/json takes.
 *
 * The exceptions are known faults of the others: jansson has no numbers beyond 64 bits and no U+0000 in
 * keys, and takes U+0000 behind the value for the end; cJSON ends strings at U+0000, knows doubles
 * alone and cuts numbers of 64 characters.
 */
#include <stdlib.h>

#include <cjson/cJSON.h>

#include "core/json/json.h"
#include "tests/fuzz/jansson_peer.h"

#define CJSON_NUMBER_MAX 60

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static struct str decoded(struct json v, struct buffer *scratch)
{
    struct str text = {NULL, 0};
    check(json_string(v, scratch, &text));
    return text;
}

static bool same_double(double a, double b)
{
    return !(a < b) && !(a > b);
}

/* ---- jansson ---- */

static void same_as_jansson(struct json ours, const struct peer_value *theirs);

static void same_string(struct json ours, const struct peer_value *theirs)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    check(peer_string(theirs, &text.ptr, &text.len) && str_eq(decoded(ours, &scratch), text));
    buffer_clear(&scratch);
}

static void same_number(struct json ours, const struct peer_value *theirs)
{
    int64_t whole, their_whole;
    double value = 0, their_value;
    check(peer_double(theirs, &their_value) && json_double(ours, &value));
    check(same_double(value, their_value));
    if (peer_integer(theirs, &their_whole) && json_int64(ours, &whole))
        check(whole == their_whole);
}

static void same_members(struct json ours, const struct peer_value *theirs)
{
    struct json_iter it = json_iter(ours);
    check(peer_count(theirs) == json_count(ours));
    for (size_t i = 0; json_next(&it); i++) {
        struct buffer scratch = BUFFER_INIT;
        struct str key = json_exists(it.key) ? decoded(it.key, &scratch) : STR("");
        const struct peer_value *member = json_exists(it.key)
                                              ? peer_member(theirs, key.ptr, key.len)
                                              : peer_element(theirs, i);
        check(member != NULL);
        same_as_jansson(it.value, member);
        buffer_clear(&scratch);
    }
}

static void same_as_jansson(struct json ours, const struct peer_value *theirs)
{
    enum json_type type = json_type(ours);
    bool truth = false, their_truth;
    check(peer_is_object(theirs) == (type == JSON_OBJECT));
    check(peer_is_array(theirs) == (type == JSON_ARRAY));
    check(peer_is_null(theirs) == (type == JSON_NULL));
    if (type == JSON_OBJECT || type == JSON_ARRAY)
        same_members(ours, theirs);
    else if (type == JSON_STRING)
        same_string(ours, theirs);
    else if (type == JSON_NUMBER)
        same_number(ours, theirs);
    else if (type == JSON_BOOL)
        check(json_bool(ours, &truth) && peer_bool(theirs, &their_truth) && truth == their_truth);
}

/* ---- cJSON ---- */

static void same_cut_string(struct json ours, const char *theirs)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text = decoded(ours, &scratch);
    size_t len = text.len ? strnlen(text.ptr, text.len) : 0;
    check(theirs && strlen(theirs) == len && (!len || memcmp(theirs, text.ptr, len) == 0));
    buffer_clear(&scratch);
}

static void same_as_cjson(struct json ours, const cJSON *theirs)
{
    struct json_iter it = json_iter(ours);
    const cJSON *child = theirs->child;
    double value;
    bool truth;
    for (; json_next(&it); child = child->next) {
        check(child != NULL);
        if (json_exists(it.key))
            same_cut_string(it.key, child->string);
        same_as_cjson(it.value, child);
    }
    check(child == NULL);
    if (json_type(ours) == JSON_STRING)
        same_cut_string(ours, cJSON_GetStringValue(theirs));
    else if (json_double(ours, &value) && json_text(ours).len < CJSON_NUMBER_MAX)
        check(cJSON_IsNumber(theirs) && same_double(value, theirs->valuedouble));
    else if (json_bool(ours, &truth))
        check(truth ? cJSON_IsTrue(theirs) : cJSON_IsFalse(theirs));
    check(cJSON_IsObject(theirs) == (json_type(ours) == JSON_OBJECT));
    check(cJSON_IsArray(theirs) == (json_type(ours) == JSON_ARRAY));
    check(cJSON_IsNull(theirs) == (json_type(ours) == JSON_NULL));
}

static void compare_with_cjson(struct json ours, const char *data, size_t size)
{
    cJSON *theirs = cJSON_ParseWithLength(data, size);
    check(theirs != NULL);
    same_as_cjson(ours, theirs);
    cJSON_Delete(theirs);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const char *text = (const char *)data;
    struct json_doc *doc = NULL;
    struct error err;
    bool known_fault;
    struct peer_value *theirs = peer_parse(text, size, &known_fault);
    int rc = json_parse((struct str){text, size}, &doc, &err);
    if (rc == ST_OK) {
        check(theirs || known_fault);
        if (theirs)
            same_as_jansson(json_root(doc), theirs);
        compare_with_cjson(json_root(doc), text, size);
    } else {
        /* Depth and size have limits here that jansson does not share. */
        check(!theirs || rc == ST_TOO_LARGE || memchr(text, '\0', size));
    }
    json_free(doc);
    peer_free(theirs);
    return 0;
}
