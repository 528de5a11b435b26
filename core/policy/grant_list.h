/*
 * The lists of names in grants: hosts, environment variables, programs, secrets, operations. What may
 * stand in one, and what two lists have in common.
 *
 * A plugin asks with a list and the operator grants with a list. "*" in a list of asked hosts,
 * variables, programs or secrets stands for whatever the operator grants; in a list of granted
 * variables, programs or secrets it stands for whatever is asked for by name. Of hosts it is the rule
 * for every public host.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/json/json.h"

enum grant_list {
    GRANT_HOSTS,    /* rules of host_rule.h                                                        */
    GRANT_ENV,      /* [A-Za-z_][A-Za-z0-9_]*, at most 255 bytes                                   */
    GRANT_PROGRAMS, /* a name that is searched for in PATH, or an absolute path without links in it
                       that are written as "." or "..", at most 4096 bytes                         */
    GRANT_SECRETS,  /* [A-Za-z0-9][A-Za-z0-9._-]*, at most 64 bytes                                */
    GRANT_OPERATIONS, /* rules of operation_rule.h                                                 */
    GRANT_LISTS,
};

/* "hosts", "env", "programs", "secrets", "operations": the key in manifests and in the section `grants` of the
 * configuration. */
const char *grant_list_name(enum grant_list list);

/* False: `err` (ST_INVALID) has a sentence that names the entry and says what to write. */
bool grant_valid(enum grant_list list, struct str entry, struct error *err);

/* Writes a JSON array: what is asked for and granted, in the order in which it is asked for. Both are
 * arrays of valid strings; `asked` may also have objects with a "name", which stay what they are. */
void grant_cut(enum grant_list list, struct json asked, struct json granted, struct buffer *out);

/* Writes a JSON array: what is asked for, and in the place of "*" what is granted. */
void grant_resolve(enum grant_list list, struct json asked, struct json granted,
                   struct buffer *out);

/* Writes a JSON array: each of `fewer` as far as an entry of `granted` allows it. False: nothing of
 * the entry at *fault is allowed. */
bool grant_narrow(enum grant_list list, struct json granted, struct json fewer, struct buffer *out,
                  struct json *fault);

/* The text of an entry: a string, or the "name" of an object; decoded, in `scratch` or borrowed from
 * the document. Empty if it is neither or without memory. */
struct str grant_entry(struct json entry, struct buffer *scratch);
