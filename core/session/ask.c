#include "core/session/ask.h"

enum { SESSION, ACTION, TITLE, DESCRIPTION, AGENT, ARGUMENTS, VERSION, STATUS, MEMBERS };

static const struct hook_member members[MEMBERS] = {
    {"session", false}, {"action", false},    {"title", true},    {"description", true},
    {"agent", false},   {"arguments", false}, {"version", false}, {"status", false},
};

static bool put_text(struct buffer *out, struct str text)
{
    if (text.len)
        json_quote(out, text);
    return text.len > 0;
}

static bool put_argument(const struct session_ask *ask, const char *name, struct buffer *out)
{
    struct json value = json_get(ask->arguments, str_from(name));
    buffer_add_str(out, json_text(value));
    return json_exists(value);
}

static bool read_member(void *arg, uint32_t member, struct buffer *out)
{
    const struct session_ask *ask = arg;
    bool start = ask->point == HOOK_SESSION_START;
    switch (member) {
    case SESSION:
        return put_text(out, ask->id);
    case ACTION:
        return put_text(out, str_from(ask->action));
    case TITLE:
    case DESCRIPTION:
    case AGENT:
        return start && put_argument(ask, members[member].name, out);
    case ARGUMENTS:
        buffer_add_str(out, json_text(ask->arguments));
        return !start && json_exists(ask->arguments);
    case VERSION:
        buffer_add_u64(out, ask->version);
        return ask->version > 0;
    default:
        return ask->status && put_text(out, str_from(ask->status));
    }
}

static struct hook_event event_of(struct session_ask *ask)
{
    return (struct hook_event){.point = ask->point,
                               .target = ask->id,
                               .context = ask->context,
                               .members = members,
                               .count = MEMBERS,
                               .read = read_member,
                               .arg = ask};
}

/* Characters of a JSON text; more than any limit for what is none. */
static size_t length_of(struct str json)
{
    struct json_doc *doc = NULL;
    struct buffer scratch = BUFFER_INIT;
    struct str text;
    size_t count = 0;
    if (json_parse(json, &doc, NULL))
        return SIZE_MAX;
    if (!json_string(json_root(doc), &scratch, &text))
        count = SIZE_MAX;
    else
        for (size_t i = 0; i < text.len; i++)
            count += ((unsigned char)text.ptr[i] & 0xc0) != 0x80;
    buffer_clear(&scratch);
    json_free(doc);
    return count;
}

static int check(const struct session_ask *ask, const struct hook_outcome *outcome,
                 struct error *err)
{
    static const struct {
        uint32_t member;
        size_t max;
    } texts[] = {{TITLE, SESSION_TITLE_MAX}, {DESCRIPTION, SESSION_DESCRIPTION_MAX}};
    if (outcome->end == HOOK_CANCEL)
        return error_set(err, ST_DENIED, "session.%s of %.*s was not done: %.*s (hook \"%.*s\")",
                         ask->action, STR_ARG(ask->id), STR_ARG(outcome->reason),
                         STR_ARG(outcome->hook));
    for (size_t i = 0; i < 2; i++) {
        struct str value = outcome->changed[texts[i].member];
        if (value.len && length_of(value) > texts[i].max)
            return error_set(err, ST_PROTOCOL,
                             "session.%s was not done: a hook changed the %s to what is no text of at "
                             "most %zu characters",
                             ask->action, members[texts[i].member].name, texts[i].max);
    }
    return ST_OK;
}

static void asked(void *arg, const struct hook_outcome *outcome)
{
    struct session_ask *ask = arg;
    const struct str changed[2] = {outcome->changed[TITLE], outcome->changed[DESCRIPTION]};
    struct error err;
    ask->run = 0;
    if (check(ask, outcome, &err))
        ask->then(ask->arg, &err, changed);
    else
        ask->then(ask->arg, NULL, changed);
}

void session_ask(struct sessions *sessions, struct session_ask *ask)
{
    static const struct str none[2];
    struct hooks *hooks = sessions->parts.hooks;
    if (!hooks_any(hooks, ask->point)) {
        ask->then(ask->arg, NULL, none);
        return;
    }
    const struct hook_event event = event_of(ask);
    ask->hooks = hooks;
    uint64_t run = hooks_run(hooks, &event, asked);
    if (run) /* else the question may be gone */
        ask->run = run;
}

void session_ask_stop(struct session_ask *ask)
{
    if (ask->run)
        hooks_stop(ask->hooks, ask->run);
    ask->run = 0;
}

void session_tell(struct sessions *sessions, struct session_ask *ask)
{
    if (!hooks_any(sessions->parts.hooks, ask->point))
        return;
    const struct hook_event event = event_of(ask);
    hooks_tell(sessions->parts.hooks, &event);
}
