#include "core/session/player.h"

#include <stdlib.h>
#include <string.h>

#include "core/json/equal.h"
#include "core/session/named.h"
#include "core/session/steps.h"

#define EQUAL_STEPS 10000000u
#define SHOWN 80

/* Ids of calls that wait have it; those of the services behind have not. */
#define OURS ((uint64_t)1 << 62)

/* A call that waits for the record to be read, or is answered. */
struct played {
    struct played *next;
    uint64_t id;
    struct call_request request; /* its target is in `target` */
    char *target;
};

/* A session that is played. */
struct tape {
    struct tape *next;
    struct player *player;
    char *caller, *tenant;
    struct caller whose; /* of these two */
    char stream[STREAM_SIZE];
    struct steps steps;
    size_t at;
    bool ready;
    struct played *waiting;
};

struct player {
    struct sessions *sessions;
    const struct call_service *calls;
    struct call_service service;
    struct tape *tapes; /* the newest first */
    uint64_t last_id;
    struct played *none; /* always NULL */
};

/* ---- one call ---- */

static void played_free(struct played *played)
{
    free(played->target);
    free(played);
}

static void tell(struct played *played, const struct call_outcome *outcome)
{
    const struct call_request request = played->request;
    request.observer->done(request.user, outcome);
    played_free(played);
    if (request.release)
        request.release(request.hold);
}

static void tell_failed(struct played *played, const struct error *err)
{
    tell(played, &(struct call_outcome){.end = CALL_FAILED, .error = err});
}

static const char *action_word(enum action action)
{
    return action == ACTION_READ ? "read" : action == ACTION_RENDER ? "render" : "call";
}

static bool same_arguments(const struct step *step, struct json arguments)
{
    struct json_doc *recorded;
    uint64_t count = EQUAL_STEPS;
    if (json_parse(step->arguments, &recorded, NULL))
        return false;
    bool same = json_exists(arguments) ? json_equal(json_root(recorded), arguments, &count)
                                       : json_count(json_root(recorded)) == 0;
    json_free(recorded);
    return same;
}

static int shown(struct str text)
{
    return (int)(text.len > SHOWN ? SHOWN : text.len);
}

/* Whether this is the call that comes next. */
static int check_order(const struct tape *tape, const struct played *played, struct error *err)
{
    struct str now = json_text(played->request.arguments);
    struct str id = session_of_stream(str_from(tape->stream));
    if (tape->steps.count == 0)
        return error_set(err, ST_NOT_FOUND, "session %.*s has no recorded calls to replay",
                         STR_ARG(id));
    const struct step *step = &tape->steps.list[tape->at];
    if (str_eq(step->target, played->request.target) &&
        str_eq(step->action, str_from(action_word(played->request.action))) &&
        same_arguments(step, played->request.arguments))
        return ST_OK;
    return error_set(err, ST_INVALID,
                     "replay of session %.*s: call %zu was %.*s %.*s, and now is %.*s %.*s; calls "
                     "must come as they were recorded",
                     STR_ARG(id), tape->at + 1, shown(step->target), step->target.ptr,
                     shown(step->arguments), step->arguments.ptr, shown(played->request.target),
                     played->request.target.ptr, shown(now), now.len ? now.ptr : "");
}

static int check_record(const struct tape *tape, struct error *err)
{
    const struct step *step = &tape->steps.list[tape->at];
    const char *why = !step->returned     ? "it has no end in the record"
                      : step->redacted    ? "secrets of it are not in the record"
                      : step->ref.len && !step->result.len
                          ? "the artifact that has its result is not there"
                      : !step->result.len ? "its result is not in the record"
                                          : NULL;
    return why ? error_set(err, ST_UNAVAILABLE, "replay of session %.*s: call %zu (%.*s): %s",
                           STR_ARG(session_of_stream(str_from(tape->stream))), tape->at + 1,
                           shown(step->target), step->target.ptr, why)
               : ST_OK;
}

static void tell_result(const struct step *step, struct played *played)
{
    struct json_doc *doc;
    struct error err;
    if (json_parse(step->result, &doc, &err)) {
        tell_failed(played, &err);
        return;
    }
    const bool failed = str_eq(step->end, STR("failed"));
    const bool asks = str_eq(step->end, STR("inputRequired"));
    tell(played, &(struct call_outcome){.end = failed ? CALL_TOOL_ERROR
                                               : asks ? CALL_INPUT_REQUIRED
                                                      : CALL_RESULT,
                                        .result = json_root(doc)});
    json_free(doc);
}

static void play(struct tape *tape, struct played *played)
{
    struct error err;
    int rc = check_order(tape, played, &err);
    if (rc) {
        tell_failed(played, &err);
        return;
    }
    const struct step *step = &tape->steps.list[tape->at];
    rc = check_record(tape, &err);
    tape->at = (tape->at + 1) % tape->steps.count;
    if (rc)
        tell_failed(played, &err);
    else
        tell_result(step, played);
}

/* ---- tapes ---- */

static void tape_free(struct tape *tape)
{
    struct tape **at = &tape->player->tapes;
    while (*at != tape)
        at = &(*at)->next;
    *at = tape->next;
    while (tape->waiting) {
        struct played *played = tape->waiting;
        tape->waiting = played->next;
        played_free(played);
    }
    steps_clear(&tape->steps);
    free(tape->caller);
    free(tape->tenant);
    free(tape);
}

static void have_steps(void *arg, const struct error *err)
{
    struct tape *tape = arg;
    struct error failed;
    struct played *played = tape->waiting;
    tape->waiting = NULL;
    tape->ready = !err;
    if (err) {
        failed = *err;
        tape_free(tape);
    }
    while (played) {
        struct played *next = played->next;
        if (err)
            tell_failed(played, &failed);
        else
            play(tape, played);
        played = next;
    }
}

static void loaded(void *arg, const struct error *err, const struct journal_loaded *loaded)
{
    struct tape *tape = arg;
    struct error missing;
    if (!err && !session_is_of(loaded->state, str_from(tape->caller), str_from(tape->tenant))) {
        no_session(session_of_stream(str_from(tape->stream)), &missing);
        err = &missing;
    }
    if (err) {
        have_steps(tape, err);
        return;
    }
    tape->steps.sessions = tape->player->sessions;
    tape->whose = (struct caller){.id = str_from(tape->caller), .tenant = str_from(tape->tenant)};
    tape->steps.caller = &tape->whose;
    tape->steps.stream = str_from(tape->stream);
    tape->steps.to = loaded->version;
    steps_read(&tape->steps, have_steps, tape);
}

static void make_room(struct player *player)
{
    struct tape *oldest = NULL;
    size_t count = 0;
    for (struct tape *tape = player->tapes; tape; tape = tape->next) {
        count++;
        if (tape->ready)
            oldest = tape;
    }
    if (count >= PLAYER_TAPES_MAX && oldest)
        tape_free(oldest);
}

static struct tape *tape_new(struct player *player, const struct caller *caller, struct str id)
{
    struct tape *tape = calloc(1, sizeof(*tape));
    make_room(player);
    if (!tape)
        return NULL;
    tape->player = player;
    tape->next = player->tapes;
    player->tapes = tape;
    tape->caller = session_text(caller->id);
    tape->tenant = session_text(caller->tenant);
    memcpy(tape->stream, "session/", sizeof("session/") - 1);
    memcpy(tape->stream + sizeof("session/") - 1, id.ptr, id.len);
    if (tape->caller && tape->tenant)
        return tape;
    tape_free(tape);
    return NULL;
}

static struct tape *find(const struct player *player, const struct caller *caller, struct str id)
{
    struct tape *tape = player->tapes;
    while (tape && !(str_eq(session_of_stream(str_from(tape->stream)), id) &&
                     str_eq(str_from(tape->caller), caller->id) &&
                     str_eq(str_from(tape->tenant), caller->tenant)))
        tape = tape->next;
    return tape;
}

/* ---- the service ---- */

static struct played *played_new(const struct call_request *request)
{
    struct played *played = calloc(1, sizeof(*played));
    if (!played)
        return NULL;
    played->request = *request;
    played->target = session_text(request->target);
    if (!played->target) {
        free(played);
        return NULL;
    }
    played->request.target.ptr = played->target;
    return played;
}

static void fail(const struct call_request *request, const struct error *err)
{
    request->observer->done(request->user,
                            &(struct call_outcome){.end = CALL_FAILED, .error = err});
    if (request->release)
        request->release(request->hold);
}

/* Where the call that waits is linked; where NULL is if there is none. */
static struct played **waiting_at(struct player *player, uint64_t id)
{
    struct played **at = &player->none;
    for (struct tape *tape = player->tapes; tape; tape = tape->next)
        for (at = &tape->waiting; *at; at = &(*at)->next)
            if ((*at)->id == id)
                return at;
    return at;
}

/* Returns the id of the call if it waits, 0 if it has ended. */
static uint64_t begin(struct player *player, const struct call_request *request, struct str id)
{
    const struct caller *caller = request->context.caller;
    struct error err;
    struct tape *tape = find(player, caller, id);
    bool is_new = !tape;
    struct played *played = NULL;
    int rc = uuid_valid(id) ? ST_OK : no_session(id, &err);
    if (!rc && is_new && !(tape = tape_new(player, caller, id)))
        rc = no_memory(&err);
    if (!rc && !(played = played_new(request)))
        rc = no_memory(&err);
    if (rc) {
        fail(request, &err);
        return 0;
    }
    if (tape->ready) {
        play(tape, played);
        return 0;
    }
    uint64_t number = played->id = OURS | ++player->last_id;
    struct played **end = &tape->waiting;
    while (*end)
        end = &(*end)->next;
    *end = played;
    const struct journal_load load = {
        .kind = &session_kind, .stream = str_from(tape->stream), .fresh = JOURNAL_CURRENT};
    if (is_new)
        journal_load(player->sessions->parts.journal, &load, loaded, tape);
    return *waiting_at(player, number) ? number : 0;
}

static int call(void *ctx, const struct call_request *request, uint64_t *id, struct error *err)
{
    struct player *player = ctx;
    struct buffer session = BUFFER_INIT;
    struct str meta = request->context.meta;
    bool may = meta.len && request->action <= ACTION_RENDER;
    if (!may || session_named(meta, STR(PLAYER_META), &session) == NAMES_NONE) {
        buffer_clear(&session);
        return player->calls->call(player->calls->ctx, request, id, err);
    }
    *id = begin(player, request, buffer_str(&session));
    buffer_clear(&session);
    return ST_OK;
}

static void cancel(void *ctx, uint64_t id)
{
    struct player *player = ctx;
    struct played **at = waiting_at(player, id);
    struct played *played = *at;
    if (!played) {
        player->calls->cancel(player->calls->ctx, id);
        return;
    }
    *at = played->next;
    tell(played, &(struct call_outcome){.end = CALL_CANCELLED});
}

int player_new(struct sessions *sessions, const struct call_service *calls, struct player **out,
               struct error *err)
{
    struct player *player = calloc(1, sizeof(*player));
    if (!player)
        return no_memory(err);
    player->sessions = sessions;
    player->calls = calls;
    player->service = (struct call_service){.ctx = player, .call = call, .cancel = cancel};
    *out = player;
    return ST_OK;
}

void player_free(struct player *player)
{
    if (!player)
        return;
    while (player->tapes)
        tape_free(player->tapes);
    free(player);
}

const struct call_service *player_service(struct player *player)
{
    return &player->service;
}
