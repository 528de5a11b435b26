/*
 * Where state belongs. Five scopes: all of a tenant (global), one caller (user), and, of one caller,
 * one session, one workflow, one component (an agent, a tool, a hook ...). What is in one place never
 * shows in another: each is a space of the store of its own, and the caller is part of its name in
 * all but the first.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"

enum state_scope { STATE_GLOBAL, STATE_USER, STATE_SESSION, STATE_WORKFLOW, STATE_COMPONENT };

#define STATE_SCOPES 5

struct state_place {
    enum state_scope scope;
    struct str tenant;
    struct str owner; /* id of the caller; not looked at for STATE_GLOBAL                         */
    struct str kind;  /* STATE_COMPONENT: "agent", "tool", "hook" ...                             */
    struct str id;    /* of the session, workflow, component; 1 to 128 bytes                      */
};

/* "global", "user", "session", "workflow", "component". */
struct str state_scope_name(enum state_scope scope);

/* Whose it is, for messages: "tenant", "caller", "session" ... */
const char *state_scope_owner(enum state_scope scope);

/* False if there is no such scope. */
bool state_scope_from(struct str name, enum state_scope *out);

/* Appends the name of the space: "state/TENANT/session/CALLER/ID". Bytes of a part other than letters,
 * digits, '.', '_' and '-' become %XX. ST_INVALID names the part that is missing or too long. */
int state_space(const struct state_place *place, struct buffer *out, struct error *err);

/* ST_INVALID: no key is empty, longer than STATE_KEY_MAX or with a control character. */
#define STATE_KEY_MAX 400
int state_key_check(struct str key, struct error *err);
