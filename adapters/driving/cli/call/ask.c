#include "adapters/driving/cli/call/ask.h"

#include "adapters/driving/cli/call/conversation.h"
#include "core/input/input_check.h"
#include "core/json/writer.h"

struct round {
    struct loop *loop;
    struct str who;
    struct terminal_input *input; /* NULL: nobody was asked yet */
    struct json_writer answers;
};

static bool is_for_a_person(struct json request)
{
    enum input_kind kind = input_kind(request);
    return kind == INPUT_FORM || kind == INPUT_URL;
}

/* Before anybody is asked for nothing. */
static int check(struct json requests, struct error *err)
{
    int rc = input_check(requests, err);
    struct json_iter it = json_iter(requests);
    while (!rc && json_next(&it)) {
        if (is_for_a_person(it.value) || input_is_optional(it.value))
            continue;
        struct str method = input_method(input_kind(it.value));
        rc = error_set(err, ST_UNSUPPORTED,
                       "it asks for %s (%.*s), which a command line cannot give; call it from an "
                       "assistant that can",
                       input_kind(it.value) == INPUT_SAMPLING ? "an answer of a model"
                                                              : "the folders of its client",
                       STR_ARG(method));
    }
    return rc;
}

static void say_member(struct json params, struct str member)
{
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    if (json_string(json_get(params, member), &scratch, &text))
        say(text);
    buffer_clear(&scratch);
}

static void introduce(const struct round *round, struct json params, struct str verb)
{
    say(round->who);
    say(verb);
    say_member(params, STR("message"));
    say(STR("\n"));
}

static enum reply ask_person(struct round *round, struct json request, struct buffer *content)
{
    struct json params = json_get(request, STR("params"));
    introduce(round, params, STR(" asks: "));
    if (input_kind(request) == INPUT_FORM)
        return ask_form(round->input, json_get(params, STR("requestedSchema")), content);
    say(STR("  "));
    say_member(params, STR("url"));
    say(STR("\n"));
    return ask_page(round->input);
}

static void put_answer(struct json_writer *w, enum reply reply, struct str content)
{
    json_begin_object(w);
    json_put_string(w, STR("action"),
                    reply == REPLY_ACCEPT    ? STR("accept")
                    : reply == REPLY_DECLINE ? STR("decline")
                                             : STR("cancel"));
    if (reply == REPLY_ACCEPT && content.len)
        json_put_raw(w, STR("content"), content);
    json_end_object(w);
}

static int answer_at_terminal(struct round *round, struct json request, struct error *err)
{
    struct buffer content = BUFFER_INIT;
    int rc = round->input ? ST_OK : terminal_input_open(round->loop, &round->input, err);
    if (rc)
        return rc;
    enum reply reply = ask_person(round, request, &content);
    if (reply == REPLY_INTERRUPTED)
        rc = error_set(err, ST_CANCELLED, "the call was cancelled");
    else
        put_answer(&round->answers, reply, buffer_str(&content));
    buffer_clear(&content);
    return rc;
}

static int answer_request(struct round *round, struct json request, struct error *err)
{
    if (terminal_can_ask())
        return answer_at_terminal(round, request, err);
    say(STR("hexmcp: declined, for there is no terminal to ask on: "));
    introduce(round, json_get(request, STR("params")), STR(" asks: "));
    put_answer(&round->answers, REPLY_DECLINE, STR(""));
    return ST_OK;
}

int ask_round(struct loop *loop, struct str who, struct json requests, struct buffer *answers,
              struct error *err)
{
    struct round round = {.loop = loop, .who = who, .answers = json_writer(answers)};
    int rc = check(requests, err);
    struct json_iter it = json_iter(requests);
    json_begin_object(&round.answers);
    while (!rc && json_next(&it)) {
        if (!is_for_a_person(it.value))
            continue;
        json_key_raw(&round.answers, it.key);
        rc = answer_request(&round, it.value, err);
    }
    json_end_object(&round.answers);
    terminal_input_close(round.input);
    if (!rc && buffer_failed(answers))
        rc = error_set(err, ST_NOMEM, "out of memory");
    return rc;
}
