/*
 * What is kept of a task: a tool call that outlives the request that started it.
 */
#pragma once

#include "ports/types.h"

enum task_status {
    TASK_WORKING,
    TASK_INPUT_REQUIRED, /* the tool waits for answers             */
    TASK_COMPLETED,      /* these three are final: it has ended    */
    TASK_FAILED,
    TASK_CANCELLED,
};

/* Whose it is; both must be the same. */
struct task_owner {
    struct str caller;
    struct str tenant;
};

/* One task, as it is stored. All text may be empty. */
struct task_record {
    struct str id;  /* 32 hexadecimal digits                                                   */
    uint64_t order; /* its place among all tasks: rises with each, is never used again         */
    struct task_owner owner;
    struct str tool; /* its public name                                                        */
    enum task_status status;
    bool tool_error;    /* TASK_COMPLETED: the result tells of an error                        */
    struct str message; /* of the status, for a person                                         */
    int64_t created_ms; /* UTC, milliseconds since 1970                                        */
    int64_t updated_ms; /* the same; not before created_ms                                     */
    uint64_t ttl_ms;    /* kept at least so long from created_ms on; 0: for ever               */
    uint32_t poll_ms;   /* how often a client should ask                                       */
    struct str result;  /* TASK_COMPLETED: the JSON text of the tool's result                  */
    int error_code;     /* TASK_FAILED: enum status, and the text                              */
    struct str error;
    struct str requests; /* TASK_INPUT_REQUIRED: JSON object of those not answered, by the keys
                            that clients see                                                   */
    struct str answers;  /* TASK_INPUT_REQUIRED: JSON object of the others' answers, by the keys
                            that the plugin gave                                               */
    struct str state;    /* TASK_INPUT_REQUIRED: the plugin's, JSON text                       */
    struct str client;   /* what the protocol keeps with it; of no meaning here                */
    bool elsewhere;      /* not stored: another process, which lives, runs it; this one can only look */
    uint32_t round;      /* 1, and one more each time that all answers came                    */
};
