/*
 * The plugin under test, led through its life as the host does. Every function tells on the board
 * what breaks the contract, and returns false if the next step makes no sense any more.
 */
#pragma once

#include "adapters/driving/validator/generate.h"
#include "adapters/driving/validator/probe.h"
#include "hexmcp/ext/draft/hook.h"
#include "hexmcp/ext/state.h"
#include "ports/item.h"

struct guest {
    struct trial *t;
    struct probe *probe;
    void *library;
    hexmcp_plugin_create_fn create;
    const hexmcp_plugin *plugin; /* NULL: not created */
    const hexmcp_tool_1 *tools;
    const hexmcp_resource_1 *resources;
    const hexmcp_prompt_1 *prompts;
    bool started;
};

/* One thing that can be asked of it: of its manifest, or published. */
struct guest_item {
    enum item_kind kind;
    char name[256];
    char subject[300]; /* tool "x" */
    struct json json;  /* its object */
    bool run_inline;
    uint32_t inline_bytes;
    uint32_t timeout_ms;
    struct schema *input, *output; /* tools; may be NULL */
    struct json_doc *doc;          /* of a published item */
};

struct guest_items {
    struct guest_item *at;
    size_t count;
};

/* How a call went. */
struct guest_answer {
    int32_t status;
    bool answered;
    uint32_t outcome;
    char *json; /* NUL-terminated; NULL without an answer */
    size_t json_len;
    hexmcp_error error;
    uint64_t took_ms; /* by the real clock */
};

bool guest_load(struct guest *g, struct trial *t);

/* Loads the libraries that the plugin names, as a helper does before it gives its rights up. */
void guest_preload(const struct trial *t);
/* With a host of one's own in place of the probe's: NULL for that. */
bool guest_create(struct guest *g, const hexmcp_host *host);
/* NULL: settings that fit the manifest's schema. */
bool guest_init(struct guest *g, const char *config);
bool guest_interfaces(struct guest *g);
bool guest_start(struct guest *g);
void guest_stop(struct guest *g);
void guest_destroy(struct guest *g);

/* load, create, init, get_interface, start; and stop, destroy. */
bool guest_up(struct guest *g, struct trial *t);
void guest_down(struct guest *g);

/* Another instance of a loaded one, up to `start`. */
bool guest_again(struct guest *g, const struct guest *loaded);

/* Appends settings that fit the manifest's schema. */
void guest_settings(struct trial *t, struct buffer *out);

/* Is it an error as the contract wants it? `what` is the function. */
void guest_judge_error(struct guest *g, const char *where, const char *what, int32_t status,
                       const hexmcp_error *err);

/* guest_items.c */
bool guest_items(struct guest *g, struct guest_items *out);
void guest_items_free(struct guest_items *items);
/* Appends arguments that fit the item, made by `gen`; checked against the schema. */
void guest_arguments(struct guest *g, const struct guest_item *item, struct generator *gen,
                     struct buffer *out);
struct generator guest_generator(struct guest *g, const struct guest_item *item, uint64_t seed);
/* Puts the same few files into the scratch folder, and nothing else. */
void guest_fill_scratch(struct trial *t);

/* guest_call.c */
#define CALL_CANCEL_BEFORE 1u
#define CALL_CANCEL_AFTER 2u /* when it has been answered */
#define CALL_CANCEL_TWICE 4u /* while it runs */
#define CALL_CANCEL_DURING 8u
#define CALL_UNJUDGED 16u /* the arguments are not what the contract promises: any answer will do */
#define CALL_GIVE_UP 32u  /* the deadline passes at once; the answer comes late */

/* One call with these arguments, judged as the host would judge it. Free with
 * guest_answer_clear. If the plugin does not come back, this does not return. */
void guest_call(struct guest *g, const struct guest_item *item, struct str arguments, unsigned how,
                struct guest_answer *out);
/* Goes on with a call that ended HEXMCP_INPUT_REQUIRED. */
void guest_resume(struct guest *g, const struct guest_item *item, struct str arguments,
                  struct str state, struct str answers, struct guest_answer *out);
/* completion/complete of the argument. */
void guest_complete(struct guest *g, const struct guest_item *item, struct str argument,
                    struct guest_answer *out);
void guest_answer_clear(struct guest_answer *answer);

/* The plugin hangs or is in no state to go on: ends the child with what is on the board. */
void guest_give_up(struct guest *g, const char *where, const char *text) __attribute__((noreturn));
