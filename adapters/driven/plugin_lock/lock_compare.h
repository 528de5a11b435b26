/* What was confirmed of a plugin beside what is there now. */
#pragma once

#include "adapters/driven/plugin_lock/lock_text.h"

/* What is there now; as in struct lock_entry. */
struct lock_subject {
    struct str id;
    struct str version;
    struct str binary;
    struct str manifest;
    struct json asked;
    struct json definitions;
};

struct lock_changes {
    bool version;
    bool binary;
    bool manifest; /* anything in it */
    bool asked;
    bool definitions;
};

/* True if something changed. */
bool lock_compare(const struct lock_entry *entry, const struct lock_subject *subject,
                  struct lock_changes *out);

/* Appends what changed as part of a sentence: "its version, its program and its tools". */
void lock_name_changes(const struct lock_changes *changes, struct buffer *out);

/* Appends all that changed, a line for each thing: "+ hosts: api.example.org", "~ tools greet:
 * description" with the two texts beneath. Texts of the plugin stand in it as they are. */
void lock_difference(const struct lock_entry *entry, const struct lock_subject *subject,
                     struct buffer *out);
