/* Inside of the webhooks. */
#pragma once

#include "adapters/driven/webhook/webhook.h"
#include "core/base/arena.h"
#include "core/base/buffer.h"
#include "core/base/str.h"
#include "core/events/durable.h"
#include "core/json/json.h"

#define WEBHOOK_NAME_MAX 64u
#define WEBHOOK_KEY_SIZE (WEBHOOK_NAME_MAX + 32u)
/* Dead letters that one operation moves: each is two changes. */
#define WEBHOOK_MOVE_MAX 500u

/* As configured; texts are in the arena. */
struct webhook_settings {
    struct str name;
    struct str url;
    struct str place; /* scheme, host and port of it: what may be shown */
    struct str rule;  /* of core/policy/host_rule.h */
    struct str secret;
    struct str *patterns;
    size_t pattern_count;
    uint32_t timeout_ms;
    uint32_t attempts;
    uint32_t max_queue;
};

enum webhook_phase {
    WEBHOOK_IDLE,
    WEBHOOK_SENDING,
    WEBHOOK_STORING, /* the store is asked, for a dead letter or about one */
    WEBHOOK_WAITING, /* until it is tried again */
};

/* How a request has ended. */
struct webhook_outcome {
    unsigned status; /* of the answer; 0: there is none */
    uint64_t retry_after_ms;
    struct error error; /* without a status: why */
};

struct webhook {
    struct webhooks_parts parts;
    struct arena arena;
    struct webhook_settings settings;
    struct durable *durable;
    struct timer *timer;  /* of WEBHOOK_WAITING */
    struct timer *looker; /* for letters */
    enum webhook_phase phase;
    bool gone;
    size_t waits; /* answers of the store that are to come */

    /* What is being delivered. */
    uint64_t position;
    char id[40];
    struct buffer type, stream, body;
    bool letter;      /* it is a dead letter that is tried again */
    unsigned tries;   /* that have failed */
    unsigned holds;   /* that failed for reasons of our own */
    uint64_t done;    /* position of the last event that is done with */
    uint64_t request; /* 0: none is open */
    struct webhook_outcome outcome;
};

struct webhooks {
    struct webhooks_parts parts;
    struct webhook **list;
    size_t count;
    bool started;
    bool gone;
    size_t waits; /* answers of the store to operations that are to come */
};

/* Of webhooks.c: frees it, if it is gone and nothing waits. */
void webhooks_release(struct webhooks *webhooks);

/* Of settings.c. */
int webhook_settings_read(struct json name, struct json value, struct arena *arena,
                          struct webhook_settings *out, struct error *err);

/* Of send.c: begins a request for what the webhook holds. On ST_OK webhook_sent() comes later. */
int webhook_send(struct webhook *w, struct error *err);

/* Of delivery.c. */
int webhook_begin(struct webhook *w, struct error *err);
void webhook_close(struct webhook *w);
/* The request has ended; w->outcome says how. */
void webhook_sent(struct webhook *w);
bool webhook_take(struct webhook *w, const struct stored_event *event, bool letter);
void webhook_idle(struct webhook *w);
/* Waits and tries again, without counting it as an attempt. */
void webhook_hold(struct webhook *w, const struct error *err);
void webhook_release(struct webhook *w);
void webhook_log(const struct webhook *w, enum log_level level, const char *text);

/* Of letters.c. */
void webhook_look_for_letters(void *webhook);
/* What is held becomes a dead letter. */
void webhook_give_up(struct webhook *w);
/* A letter was delivered. */
void webhook_forget_letter(struct webhook *w);
/* "KIND/NAME/POSITION", or "KIND/NAME/" without one. */
struct str webhook_key(char out[WEBHOOK_KEY_SIZE], const char *kind, struct str name, uint64_t position);
