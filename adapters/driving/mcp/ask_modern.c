/* Multi round-trip requests: the server forgets everything, the client brings it back. */
#include "adapters/driving/mcp/ask.h"
#include "adapters/driving/mcp/call.h"
#include "adapters/driving/mcp/input/input_answer.h"
#include "adapters/driving/mcp/input/input_write.h"
#include "adapters/driving/mcp/sealing.h"

/* How long a person may take. */
#define STATE_TTL_MS 3600000u

/* What a state is good for: this request of this caller, with the same name and arguments. */
static bool bind(const struct request *r, struct buffer *target, struct seal_binding *out)
{
    const struct caller *caller = &r->connection->client->caller;
    struct str name;
    if (!json_string(r->target, target, &name))
        return false;
    *out = (struct seal_binding){
        .purpose = STR("request-state"),
        .caller = caller->id,
        .tenant = caller->tenant,
        .method = r->method_name,
        .target = name,
        .arguments = json_text(r->arguments),
    };
    return true;
}

static int seal(struct request *r, struct str payload, struct buffer *out, struct error *err)
{
    struct mcp *mcp = r->connection->mcp;
    struct seal_binding binding;
    struct buffer target = BUFFER_INIT;
    int rc = bind(r, &target, &binding)
                 ? sealing_close(mcp, &binding, STATE_TTL_MS, payload, out, err)
                 : error_set(err, ST_NOMEM, "out of memory");
    buffer_clear(&target);
    return rc;
}

/* {"inputRequests":{...},"requestState":"..."}: `payload` is {"round","requests","state"}. */
static void answer_with(struct request *r, struct str payload, struct json requests)
{
    struct buffer sealed = BUFFER_INIT;
    struct json_writer w;
    struct error err;
    if (seal(r, payload, &sealed, &err)) {
        buffer_clear(&sealed);
        answer_error(r, RPC_INTERNAL_ERROR, "the request for input cannot be sent: %s", err.text);
        return;
    }
    w = answer_begin(r);
    json_begin_object(&w);
    json_put_string(&w, STR("resultType"), STR("input_required"));
    if (json_count(requests))
        json_put_raw(&w, STR("inputRequests"), json_text(requests));
    json_put_string(&w, STR("requestState"), buffer_str(&sealed));
    answer_modern_meta(r, &w, json_none());
    json_end_object(&w);
    buffer_clear(&sealed);
    answer_send(r);
}

/* A client that knows what it will be asked may answer with its first request; then nothing was asked
 * and there is no state to bring back. False: it did not, or not everything. */
static bool take_early_answers(struct request *r, struct json asked, struct json state)
{
    struct json responses = json_get(r->params, STR("inputResponses"));
    struct buffer answers = BUFFER_INIT;
    struct error err;
    if (r->rounds > 1 || json_count(asked) == 0 || !json_exists(responses) ||
        json_exists(json_get(r->params, STR("requestState"))))
        return false;
    int rc = input_answers_read(asked, r->revision, responses, &answers, &err);
    if (rc == ST_OK)
        call_go_on(r, json_text(state), buffer_str(&answers));
    else if (rc != INPUT_ASK_AGAIN)
        answer_error(r, rc == ST_NOMEM ? RPC_INTERNAL_ERROR : RPC_INVALID_PARAMS, "%s", err.text);
    buffer_clear(&answers);
    return rc != INPUT_ASK_AGAIN;
}

void ask_modern(struct request *r, struct json wanted, const struct input_target *target)
{
    struct json requests = json_get(wanted, STR("requests"));
    struct json state = json_get(wanted, STR("state"));
    struct buffer payload = BUFFER_INIT;
    struct json_writer w = json_writer(&payload);
    struct json_doc *doc = NULL;
    json_begin_object(&w);
    json_put_i64(&w, STR("round"), r->rounds);
    if (json_count(requests)) {
        json_key(&w, STR("requests"));
        input_write_all(&w, requests, target);
    }
    if (json_exists(state))
        json_put_raw(&w, STR("state"), json_text(state));
    json_end_object(&w);
    if (buffer_failed(&payload) || json_parse(buffer_str(&payload), &doc, NULL))
        answer_error(r, RPC_INTERNAL_ERROR, "out of memory for the request for input");
    else if (!take_early_answers(r, json_get(json_root(doc), STR("requests")), state))
        answer_with(r, buffer_str(&payload), json_get(json_root(doc), STR("requests")));
    json_free(doc);
    buffer_clear(&payload);
}

static void go_on(struct request *r, struct json payload, struct str answers)
{
    int64_t round = 0;
    json_int64(json_get(payload, STR("round")), &round);
    r->rounds = (unsigned)round;
    call_go_on(r, json_text(json_get(payload, STR("state"))), answers);
}

static void take_answers(struct request *r, struct str text, const struct seal_nonce *nonce)
{
    struct json_doc *doc;
    struct error err;
    struct buffer answers = BUFFER_INIT;
    if (json_parse(text, &doc, &err)) {
        answer_error(r, RPC_INTERNAL_ERROR, "%s", err.text);
        return;
    }
    struct json payload = json_root(doc), asked = json_get(payload, STR("requests"));
    int rc = input_answers_read(asked, r->revision, json_get(r->params, STR("inputResponses")),
                                &answers, &err);
    if (rc && rc != INPUT_ASK_AGAIN)
        answer_error(r, rc == ST_NOMEM ? RPC_INTERNAL_ERROR : RPC_INVALID_PARAMS, "%s", err.text);
    /* To ask again is to give out a new state for the same place of the plugin: the old one must not
     * lead there too. */
    else if (sealer_use(r->connection->mcp->options.sealer, nonce, &err))
        answer_error(r, RPC_INVALID_PARAMS, "\"requestState\" %s", err.text);
    else if (rc == INPUT_ASK_AGAIN)
        answer_with(r, text, asked);
    else
        go_on(r, payload, buffer_str(&answers));
    buffer_clear(&answers);
    json_free(doc);
}

static int open_state(struct request *r, struct json state, struct buffer *payload,
                      struct seal_nonce *nonce, struct error *err)
{
    struct buffer target = BUFFER_INIT, scratch = BUFFER_INIT;
    struct seal_binding binding;
    struct str token;
    int rc;
    if (!json_string(state, &scratch, &token))
        rc = error_set(err, ST_INVALID, "must be a string");
    else if (!bind(r, &target, &binding))
        rc = error_set(err, ST_NOMEM, "cannot be read: out of memory");
    else
        rc = sealer_open(r->connection->mcp->options.sealer, &binding, token, payload, nonce, err);
    buffer_clear(&target);
    buffer_clear(&scratch);
    return rc;
}

bool ask_take_answers(struct request *r)
{
    struct json state = json_get(r->params, STR("requestState"));
    struct json responses = json_get(r->params, STR("inputResponses"));
    struct buffer payload = BUFFER_INIT;
    struct seal_nonce nonce;
    struct error err;
    if (r->revision != REV_2026_07_28)
        return false;
    if (json_exists(responses) && json_type(responses) != JSON_OBJECT) {
        answer_error(r, RPC_INVALID_PARAMS, "\"inputResponses\" must be an object");
        return true;
    }
    if (!json_exists(state))
        return false;
    if (open_state(r, state, &payload, &nonce, &err))
        answer_error(r, RPC_INVALID_PARAMS, "\"requestState\" %s", err.text);
    else
        take_answers(r, buffer_str(&payload), &nonce);
    buffer_clear(&payload);
    return true;
}
