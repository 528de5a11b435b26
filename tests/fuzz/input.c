/*
 * What a plugin asks on the first line, behind a character for the revision and one whose bits are
 * what the client can; what the client answers behind it. What is written for the client is good
 * again, and answers are read the same a second time.
 */
#include <stdlib.h>

#include "adapters/driving/mcp/input/input_answer.h"
#include "core/input/input_check.h"
#include "adapters/driving/mcp/input/input_write.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool good)
{
    if (!good)
        abort();
}

static struct json_doc *parsed(const struct buffer *text)
{
    struct json_doc *doc;
    struct error err;
    check(json_parse(buffer_str(text), &doc, &err) == ST_OK);
    return doc;
}

static void check_params(struct json requests, const struct input_target *target)
{
    const struct input_extra extra = {STR("id"), STR("{}")};
    struct json_iter it = json_iter(requests);
    while (json_next(&it)) {
        struct buffer out = BUFFER_INIT;
        struct json_writer w = json_writer(&out);
        struct str capabilities;
        struct error err = {.code = ST_OK};
        if (input_need(it.value, target, &capabilities, &err) == ST_OK) {
            input_write_params(&w, it.value, target, &extra);
            struct json_doc *doc = parsed(&out);
            check(json_count(json_get(json_root(doc), STR("_meta"))) == 0);
            json_free(doc);
        } else {
            check(err.code == ST_UNSUPPORTED && err.text[0]);
        }
        buffer_clear(&out);
    }
}

/* What the client was asked, as a document in `out`. Written without ids of elicitations, so not
 * for the one revision that has them. */
static struct json_doc *write_all(struct json requests, const struct input_target *target,
                                  struct buffer *out)
{
    struct json_writer w = json_writer(out);
    struct str capabilities;
    struct error err;
    uint32_t covered;
    input_write_all(&w, requests, target);
    struct json_doc *doc = parsed(out);
    check(input_check(json_root(doc), &err) == ST_OK);
    if (input_need_all(requests, target, &covered, &capabilities, &err) == ST_OK)
        check(json_count(json_root(doc)) == covered);
    else
        check(err.text[0] && json_count(json_root(doc)) < json_count(requests));
    return doc;
}

static void check_answers(struct json asked, enum revision revision, struct json responses)
{
    struct buffer first = BUFFER_INIT, second = BUFFER_INIT;
    struct error err = {.code = ST_OK};
    int rc = input_answers_read(asked, revision, responses, &first, &err);
    check(rc >= 0 || (err.code == rc && err.text[0]));
    check(rc == ST_OK || first.len == 0);
    if (rc == ST_OK) {
        struct json_doc *doc = parsed(&first);
        check(json_count(json_root(doc)) == json_count(asked));
        check(input_answers_read(asked, revision, json_root(doc), &second, &err) == ST_OK);
        check(str_eq(buffer_str(&first), buffer_str(&second)));
        json_free(doc);
    }
    buffer_clear(&first);
    buffer_clear(&second);
}

static void check_round(struct json requests, const struct input_target *target,
                        struct json responses)
{
    struct buffer out = BUFFER_INIT;
    const struct input_target modern = {REV_2026_07_28, target->abilities};
    bool ids = revision_has_elicitation_id(target->revision);
    check_params(requests, target);
    struct json_doc *asked = write_all(requests, ids ? &modern : target, &out);
    check_answers(json_root(asked), target->revision, responses);
    check_answers(requests, target->revision, responses);
    json_free(asked);
    buffer_clear(&out);
}

static struct client_abilities abilities_of(uint8_t bits)
{
    return (struct client_abilities){
        .sampling = bits & 1,
        .sampling_tools = (bits & 2) != 0,
        .sampling_context = (bits & 4) != 0,
        .roots = (bits & 8) != 0,
        .elicitation_form = (bits & 16) != 0,
        .elicitation_url = (bits & 32) != 0,
    };
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 2)
        return 0;
    struct client_abilities abilities = abilities_of(data[1]);
    const struct input_target target = {(enum revision)(data[0] % REV_COUNT), &abilities};
    const char *text = (const char *)data + 2, *end = memchr(text, '\n', size - 2);
    struct str asked = {text, end ? (size_t)(end - text) : size - 2};
    struct str said = {end ? end + 1 : "", end ? size - 3 - asked.len : 0};
    struct json_doc *requests, *responses = NULL;
    struct error err;
    if (json_parse(asked, &requests, &err))
        return 0;
    if (json_parse(said, &responses, &err))
        responses = NULL;
    int rc = input_check(json_root(requests), &err);
    if (rc == ST_OK)
        check_round(json_root(requests), &target, responses ? json_root(responses) : json_none());
    else
        check(rc == ST_PROTOCOL && err.code == rc && err.text[0]);
    json_free(responses);
    json_free(requests);
    return 0;
}
