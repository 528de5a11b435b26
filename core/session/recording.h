/*
 * Inside of session: one call that is recorded. That it was asked for is in the session before it is
 * made, and how it ended before the client hears of it.
 */
#pragma once

#include "core/session/command_run.h"
#include "core/session/keep_result.h"
#include "core/session/recorder.h"

/* Ids of recorded calls have it, those of the service behind have not. */
#define RECORDING_ID ((uint64_t)1 << 63)

struct lane;

struct recorder {
    struct sessions *sessions;
    const struct call_service *calls;
    struct call_service service;
    struct recording *recordings;
    struct lane *lanes;
    uint64_t last_id;
};

enum stage {
    STAGE_BEGIN, /* ToolCalled is on its way to the store */
    STAGE_RUN,
    STAGE_END,    /* ToolReturned is */
};

struct recording {
    struct recording *next, **at;
    struct recorder *recorder;
    struct recording *behind; /* in the lane */
    uint64_t id;
    enum stage stage;
    struct call_request request; /* its texts are in the arena */
    struct call_context context; /* of the call */
    struct caller caller;        /* a copy that outlives the connection */
    struct call_context record;  /* of what is written, with it */
    struct arena arena;
    uint64_t inner;       /* id of the running call; 0: none */
    bool cancelled;       /* the client was told so */
    bool told;
    bool written;         /* nothing more is to be recorded */
    bool called;          /* the service behind has it, and will call release */
    bool released;
    uint64_t began_ns;
    enum call_end end;
    char *result;
    size_t result_len;
    struct error error;
    bool has_error;
    struct json_doc *arguments; /* of the command */
    char call_id[UUID_TEXT_SIZE];
    struct command_run run;
    struct keep_result keep; /* of a long result */
};

/* The texts of the request are copied; its arguments are borrowed until its release(), which comes when
 * the recording ends. */
struct recording *recording_new(struct recorder *recorder, const struct call_request *request,
                                struct error *err);

/* Tells nobody. */
void recording_free(struct recording *r);

/* Records the call in the session of r->run.stream, makes it, and records its end. At return all of it
 * may be over, and `r` freed. */
void recording_begin(struct recording *r);

/* It was not made: tells the client why, and frees it. */
void recording_give_up(struct recording *r, const struct error *err);

/* Answers the client, if it has no answer yet; what is to be recorded still is. */
void recording_tell(struct recording *r, const struct call_outcome *outcome);
