/* The example plugin `everything`, opened against a fake host, and what its calls must answer. */
#pragma once

#include "hexmcp/json.h"
#include "hexmcp/test/fake_host.h"

/* Makes a string of JSON, to be read better. Blanks count: it is compared as text. */
#define JSON(...) #__VA_ARGS__

/* What the last question to hexmcp.catalog/1 was, and what hexmcp.notify/1 was told. The catalogue
 * replies when it is asked with `catalog_status`; it refuses at once if that is HEXMCP_E_BUSY. */
struct services {
    uint32_t kind;
    char asked[600]; /* "publish DEFINITION OPTIONS" or "withdraw NAME" */
    char updated[200];
    int32_t catalog_status;
};
extern struct services services;

/* Which of the three tables is called: in the order of HEXMCP_FAKE_CALL and its neighbours. */
enum table { TOOL, RESOURCE, PROMPT };

/* One instance for a group of tests: cmocka's setup and teardown. */
extern hexmcp_fake_plugin opened;
int open_everything(void **state);
int close_everything(void **state);

/* Makes a further instance with these settings and starts it. */
void open_with(hexmcp_fake_plugin *o, const char *config);

/* Gives settings to a fresh instance that does not take them. */
void assert_config_refused(const char *config, const char *text);

/* One round to its end. `state` NULL: the first round. All texts are copied to blocks of their own
 * size, gone when the plugin returns, so that a sanitizer sees a read past the end or after it. */
void run_round(hexmcp_fake_plugin *o, enum table table, const char *name, const char *args,
               const char *state, const char *answers, hexmcp_fake_answer *ret);

/* The first round must complete with this outcome and this JSON, to the letter. */
void assert_first(enum table table, const char *name, const char *args, uint32_t outcome,
                  const char *json);
/* A later round, with the state and the answers of the client. */
void assert_next(enum table table, const char *name, const char *args, const char *state,
                 const char *answers, uint32_t outcome, const char *json);
/* The round must return this code with this text. */
void assert_fails(enum table table, const char *name, const char *args, const char *state,
                  const char *answers, int32_t code, const char *text);
/* Completion must give this JSON. */
void assert_completes(enum table table, const char *name, const char *argument, const char *value,
                      const char *context, const char *json);

/* {"content":[{"type":"text","text":TEXT}]} */
#define TEXT_RESULT(text) "{\"content\":[{\"type\":\"text\",\"text\":\"" text "\"}]}"
