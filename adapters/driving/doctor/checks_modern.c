/* Revision 2026-07-28, in which every request stands for itself. */
#include <stdio.h>

#include "adapters/driving/doctor/checks.h"
#include "adapters/driving/doctor/lists.h"

void check_probe(void *examination)
{
    struct examination *x = examination;
    struct buffer params = BUFFER_INIT;
    struct json answer;
    if (!serves_legacy(x)) {
        skip(x, "the server opens no session with initialize");
        return;
    }
    struct peer *peer = new_run(x);
    if (!peer)
        return;
    modern_params(x, "", &params);
    enum waited waited = peer_call(peer, "server/discover", buffer_str(&params),
                                   x->what->timeout_ms + (uint32_t)x->legacy.ms, &answer);
    buffer_clear(&params);
    if (waited == WAIT_TIMEOUT)
        find(x, DOCTOR_WARNING, "no answer to server/discover within %g s: a client waits in vain",
             x->what->timeout_ms / 1000.0);
    if (waited != WAIT_GONE)
        waited = initialize(x, peer, LATEST_LEGACY, x->what->timeout_ms, &answer);
    if (waited != WAIT_DONE)
        find_silence(x, peer, waited, "initialize after server/discover");
    else if (!json_exists(result_of(answer)))
        find(x, DOCTOR_ERROR, "after server/discover, initialize is answered with an error");
    end_run(x);
}

static bool names_modern(struct json versions)
{
    struct json_iter it = json_iter(versions);
    while (json_type(versions) == JSON_ARRAY && json_next(&it))
        if (json_is(it.value, STR(MODERN)))
            return true;
    return false;
}

/* What results that a client may keep carry. */
static void check_cacheable(struct examination *x, const char *method, struct json result)
{
    int64_t ttl = -1;
    struct json scope = json_get(result, STR("cacheScope"));
    json_int64(json_get(result, STR("ttlMs")), &ttl);
    if (!json_is(json_get(result, STR("resultType")), STR("complete")))
        find(x, DOCTOR_ERROR, "%s: the result has no resultType \"complete\"", method);
    if (ttl < 0)
        find(x, DOCTOR_ERROR, "%s: the result has no ttlMs, an integer from 0", method);
    if (!json_is(scope, STR("public")) && !json_is(scope, STR("private")))
        find(x, DOCTOR_ERROR, "%s: the result has no cacheScope, public or private", method);
}

void check_discover(void *examination)
{
    struct examination *x = examination;
    if (!modern_session(x))
        return;
    struct json result = json_get(json_root(x->modern.answer), STR("result"));
    check_cacheable(x, "server/discover", result);
    if (!names_modern(json_get(result, STR("supportedVersions"))))
        find(x, DOCTOR_ERROR, "server/discover: supportedVersions does not hold " MODERN);
    if (json_type(json_get(result, STR("capabilities"))) != JSON_OBJECT)
        find(x, DOCTOR_ERROR, "server/discover: the result has no object capabilities");
}

/* The request must be refused with `code`. The answer, or nothing. */
static struct json expect_code(struct examination *x, const char *what, const char *method,
                               const char *params, int64_t code)
{
    struct peer *peer = modern_session(x);
    struct json answer;
    if (!peer || !ask(x, peer, method, params, what, &answer))
        return json_none();
    if (json_exists(result_of(answer)))
        find(x, DOCTOR_ERROR, "%s is answered with a result, not with the error %lld", what,
             (long long)code);
    else if (error_code(answer) != code)
        find(x, DOCTOR_ERROR, "%s is refused with the code %lld, not %lld", what,
             (long long)error_code(answer), (long long)code);
    return error_code(answer) == code ? answer : json_none();
}

static void expect_with_claim(struct examination *x, const char *what, const char *method)
{
    struct buffer params = BUFFER_INIT;
    modern_params(x, "", &params);
    buffer_add_char(&params, '\0');
    if (!buffer_failed(&params))
        expect_code(x, what, method, params.data, -32601);
    buffer_clear(&params);
}

/* A server of both eras may take a request without a claim for one of the other era, and may then
 * keep the process to that era: this is the last request of its run. */
static void check_claimless(struct examination *x)
{
    struct peer *peer = modern_session(x);
    struct json answer;
    if (!peer || !ask(x, peer, "server/discover", "{}", "server/discover without _meta", &answer))
        return;
    int64_t code = error_code(answer);
    bool refused = code == -32602 || (x->legacy.served && (code == -32601 || code == -32600));
    if (json_exists(result_of(answer)))
        find(x, DOCTOR_ERROR, "server/discover without _meta is answered with a result, not with "
                              "the error -32602");
    else if (!refused)
        find(x, DOCTOR_ERROR, "server/discover without _meta is refused with the code %lld, not "
                              "-32602", (long long)code);
    end_run(x);
}

void check_modern_requests(void *examination)
{
    struct examination *x = examination;
    if (!modern_session(x))
        return;
    struct json answer = expect_code(
        x, "a request of revision 2099-01-01", "server/discover",
        "{\"_meta\":{\"io.modelcontextprotocol/protocolVersion\":\"2099-01-01\","
        "\"io.modelcontextprotocol/clientCapabilities\":{}}}", -32022);
    struct json data = json_get(json_get(answer, STR("error")), STR("data"));
    if (json_exists(answer) && !names_modern(json_get(data, STR("supported"))))
        find(x, DOCTOR_ERROR, "the error -32022 does not list " MODERN " in data.supported");
    if (json_exists(answer) && !json_is(json_get(data, STR("requested")), STR("2099-01-01")))
        find(x, DOCTOR_ERROR, "the error -32022 does not repeat the revision in data.requested");
    expect_with_claim(x, "ping, which " MODERN " does not have,", "ping");
    expect_with_claim(x, "an unknown method", "doctor/no-such-method");
    check_claimless(x);
}

static void check_page(struct examination *x, const struct walk *walk, struct json result)
{
    check_cacheable(x, walk->method, result);
}

void check_modern_lists(void *examination)
{
    static const char *const lists[][2] = {
        {"tools/list", "tools"}, {"resources/list", "resources"}, {"prompts/list", "prompts"}};
    struct examination *x = examination;
    for (int i = 0; i < 3; i++) {
        struct peer *peer = modern_session(x);
        struct walk walk = {.method = lists[i][0], .member = lists[i][1], .modern = true,
                            .page = check_page};
        if (peer && json_exists(capability(&x->modern, lists[i][1])))
            walk_list(x, peer, &walk);
    }
}
