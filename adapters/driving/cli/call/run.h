/* One call from the command line, from its start to its last output. */
#pragma once

#include "adapters/driving/cli/app.h"
#include "core/json/json.h"

struct run_request {
    enum action action; /* not ACTION_COMPLETE */
    struct str target;  /* as in struct call_request */
    struct json_doc *arguments; /* taken; NULL: none */
    bool as_json;
};

/* Runs it with all its rounds: shows progress and log lines on stderr, asks at the terminal what it
 * asks for, cancels at Ctrl-C, prints the result to stdout. Returns the exit code. */
int run_call(struct app *app, const struct run_request *what);
