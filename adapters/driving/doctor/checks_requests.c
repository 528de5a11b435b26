/* Requests, notifications, and how they come. */
#include <stdio.h>

#include "adapters/driving/doctor/checks.h"

/* Long enough for a byte to pass a pipe and a program to read it. */
#define PAUSE_MS 100

void check_ping(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    struct json answer;
    char text[200];
    if (peer && ask(x, peer, "ping", "", "ping", &answer) && error_code(answer))
        find(x, DOCTOR_ERROR, "ping is answered with the error %s",
             excerpt(json_get(answer, STR("error")), text, sizeof(text)));
}

void check_unknown_method(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    struct json answer;
    char text[200];
    if (!peer || !ask(x, peer, "doctor/no-such-method", "{}", "a request for an unknown method",
                      &answer))
        return;
    if (json_exists(result_of(answer)))
        find(x, DOCTOR_ERROR, "the method doctor/no-such-method is answered with a result: %s",
             excerpt(result_of(answer), text, sizeof(text)));
    else if (error_code(answer) != -32601)
        find(x, DOCTOR_WARNING, "the method doctor/no-such-method is refused with the code %lld",
             (long long)error_code(answer));
}

static void check_without_params(struct examination *x, const char *name, const char *method)
{
    struct peer *peer = legacy_session(x);
    struct json answer;
    bool refused = false;
    char what[60];
    if (!peer || !json_exists(capability(&x->legacy, name)))
        return;
    snprintf(what, sizeof(what), "%s without params", method);
    if (!ask(x, peer, method, "{}", what, &answer))
        return;
    json_bool(json_get(result_of(answer), STR("isError")), &refused);
    if (refused)
        find(x, DOCTOR_WARNING, "%s is answered with a result of a tool that failed", what);
    else if (json_exists(result_of(answer)))
        find(x, DOCTOR_ERROR, "%s is answered with a result", what);
    else if (error_code(answer) != -32602)
        find(x, DOCTOR_WARNING, "%s is refused with the code %lld", what,
             (long long)error_code(answer));
}

void check_bad_params(void *examination)
{
    struct examination *x = examination;
    if (!legacy_session(x))
        return;
    check_without_params(x, "tools", "tools/call");
    check_without_params(x, "prompts", "prompts/get");
    check_without_params(x, "resources", "resources/read");
}

void check_notifications(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    if (!peer)
        return;
    peer_notify(peer, "notifications/doctor-unknown", STR("{}"));
    if (still_alive(x, peer, "an unknown notification"))
        peer_listen(peer, PAUSE_MS);
    if (x->observed.odd[ODD_NOTIFICATION].count)
        find(x, DOCTOR_ERROR, "%s", x->observed.odd[ODD_NOTIFICATION].first);
}

void check_split(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    struct buffer bytes = BUFFER_INIT;
    if (!peer)
        return;
    size_t first = peer_prepare(peer, "ping", STR("{}"), false, &bytes), border = bytes.len;
    size_t second = peer_prepare(peer, "ping", STR("{}"), false, &bytes);
    /* Half of the first; its rest and half of the second; the rest. */
    size_t cuts[] = {0, border / 2, border + border / 2, bytes.len};
    for (int i = 0; i < 3; i++) {
        peer_send(peer, buffer_part(&bytes, cuts[i], cuts[i + 1] - cuts[i]),
                  x->what->timeout_ms);
        peer_listen(peer, PAUSE_MS);
    }
    buffer_clear(&bytes);
    enum waited waited = peer_wait(peer, first, x->what->timeout_ms);
    if (waited == WAIT_DONE)
        waited = peer_wait(peer, second, x->what->timeout_ms);
    if (waited != WAIT_DONE) {
        find_silence(x, peer, waited, "a ping that came in pieces");
        end_run(x);
    }
}

#define AT_ONCE 16

static void judge_at_once(struct examination *x, struct peer *peer, const size_t *requests,
                          bool lists)
{
    size_t missing = 0;
    int64_t until = peer_now() + x->what->timeout_ms;
    bool mixed = false;
    for (int i = 0; i < AT_ONCE; i++) {
        int64_t left = until - peer_now();
        missing += peer_wait(peer, requests[i], left > 0 ? (uint32_t)left : 0) != WAIT_DONE;
        struct json result = result_of(peer_answer(peer, requests[i]));
        bool has_tools = json_exists(json_get(result, STR("tools")));
        if (json_exists(result) && lists && has_tools != (i % 2 == 1) && !mixed) {
            find(x, DOCTOR_ERROR, "the request %s was %s, its answer has the result of another",
                 peer_id(peer, requests[i]), i % 2 ? "tools/list" : "ping");
            mixed = true;
        }
    }
    if (missing)
        find(x, DOCTOR_ERROR, "%zu of %d requests sent at once were not answered within %g s",
             missing, AT_ONCE, x->what->timeout_ms / 1000.0);
    if (missing)
        end_run(x);
}

void check_concurrency(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    struct buffer lines = BUFFER_INIT;
    size_t requests[AT_ONCE];
    if (!peer)
        return;
    bool lists = json_exists(capability(&x->legacy, "tools"));
    for (int i = 0; i < AT_ONCE; i++)
        requests[i] = peer_prepare(peer, lists && i % 2 ? "tools/list" : "ping", STR("{}"),
                                   i % 4 > 1, &lines);
    peer_send(peer, buffer_str(&lines), x->what->timeout_ms);
    buffer_clear(&lines);
    judge_at_once(x, peer, requests, lists);
}

void check_cancellation(void *examination)
{
    struct examination *x = examination;
    struct peer *peer = legacy_session(x);
    struct buffer lines = BUFFER_INIT;
    char params[100];
    if (!peer)
        return;
    bool lists = json_exists(capability(&x->legacy, "tools"));
    size_t request = peer_prepare(peer, lists ? "tools/list" : "ping", STR("{}"), false, &lines);
    peer_send(peer, buffer_str(&lines), x->what->timeout_ms);
    buffer_clear(&lines);
    snprintf(params, sizeof(params), "{\"requestId\":%s,\"reason\":\"examined\"}",
             peer_id(peer, request));
    peer_notify(peer, "notifications/cancelled", str_from(params));
    if (!still_alive(x, peer, "the cancellation of a request"))
        return;
    peer_notify(peer, "notifications/cancelled", STR("{\"requestId\":987654321}"));
    still_alive(x, peer, "the cancellation of an unknown request");
}
