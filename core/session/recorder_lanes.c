#include "core/session/recorder_lanes.h"

#include <stdlib.h>
#include <string.h>

/* Connections whose session is remembered; the first goes when there are more. */
#define LANES_MAX 1024u

/* The session of all calls of a connection. */
struct lane {
    struct lane *next;
    const struct caller *caller; /* compared, and its id with it */
    char *caller_id;
    struct str stream;
    char stream_text[STREAM_SIZE];
    bool ready;
    struct recording *waiting; /* for it to be made */
};

static void lane_made(void *arg, const struct error *err, const struct journal_result *result)
{
    struct lane *lane = arg;
    struct error failed;
    struct recording *r = lane->waiting;
    lane->waiting = NULL;
    if (!err && result->conflict) {
        journal_conflict(result, &failed);
        err = &failed;
    }
    lane->ready = !err;
    if (!err && r && result->position > r->recorder->sessions->seen)
        r->recorder->sessions->seen = result->position;
    while (r) {
        struct recording *behind = r->behind;
        r->behind = NULL;
        if (err) {
            recording_give_up(r, err);
        } else {
            recording_begin(r);
        }
        r = behind;
    }
}

static void make_lane(struct lane *lane, struct recording *r)
{
    static const struct session none;
    struct sessions *sessions = r->recorder->sessions;
    const struct session_world world = session_world_now(sessions, str_from(r->call_id));
    struct session_emit emit = {0};
    struct json_doc *doc = NULL;
    struct error err;
    int rc = json_parse(STR("{\"title\":\"Recorded calls\",\"tags\":[\"recorded\"]}"), &doc, &err);
    if (!rc)
        rc = session_create(&none, json_root(doc), &world, &emit, &err);
    json_free(doc);
    if (rc) {
        lane_made(lane, &err, NULL);
    } else {
        const struct journal_event event = {.type = str_from(emit.type),
                                            .data = buffer_str(&emit.data)};
        const struct journal_append append = {
            .stream = lane->stream, .expect = EXPECT_NONE, .events = &event, .count = 1};
        const struct journal_batch batch = {.streams = &append, .count = 1};
        journal_commit(sessions->parts.journal, &r->record, &batch, lane_made, lane);
    }
    session_emit_clear(&emit);
}

static struct lane *find_lane(const struct recorder *recorder, const struct caller *caller)
{
    struct lane *lane = recorder->lanes;
    while (lane &&
           (lane->caller != caller || !str_eq(str_from(lane->caller_id), caller->id)))
        lane = lane->next;
    return lane;
}

static void lane_free(struct lane *lane)
{
    free(lane->caller_id);
    free(lane);
}

static void make_room(struct recorder *recorder)
{
    struct lane **oldest = NULL;
    size_t count = 0;
    for (struct lane **at = &recorder->lanes; *at; at = &(*at)->next) {
        count++;
        if ((*at)->ready)
            oldest = at;
    }
    if (count < LANES_MAX || !oldest)
        return;
    struct lane *lane = *oldest;
    *oldest = lane->next;
    lane_free(lane);
}

static struct lane *add_lane(struct recorder *recorder, const struct caller *caller)
{
    struct sessions *sessions = recorder->sessions;
    struct lane *lane = calloc(1, sizeof(*lane));
    if (!lane)
        return NULL;
    make_room(recorder);
    memcpy(lane->stream_text, "session/", sizeof("session/"));
    lane->stream = (struct str){lane->stream_text, STREAM_SIZE - 1};
    lane->caller = caller;
    lane->caller_id = session_text(caller->id);
    if (!lane->caller_id ||
        uuid_next(&sessions->uuids, sessions->parts.clock, sessions->parts.random,
                  lane->stream_text + sizeof("session/") - 1, NULL)) {
        lane_free(lane);
        return NULL;
    }
    lane->next = recorder->lanes;
    recorder->lanes = lane;
    return lane;
}

void lanes_record(struct recording *r)
{
    struct recorder *recorder = r->recorder;
    struct lane *lane = find_lane(recorder, r->context.caller);
    struct recording **end;
    struct error err;
    if (!lane && !(lane = add_lane(recorder, r->context.caller))) {
        no_memory(&err);
        recording_give_up(r, &err);
        return;
    }
    r->run.stream = lane->stream;
    if (lane->ready) {
        recording_begin(r);
        return;
    }
    bool first = lane->waiting == NULL;
    for (end = &lane->waiting; *end; end = &(*end)->behind)
        ;
    *end = r;
    if (first)
        make_lane(lane, r);
}

void lanes_free(struct recorder *recorder)
{
    while (recorder->lanes) {
        struct lane *lane = recorder->lanes;
        recorder->lanes = lane->next;
        lane_free(lane);
    }
}
