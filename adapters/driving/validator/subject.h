/* The bundle that is validated: what could be read of it, without running it. */
#pragma once

#include <limits.h>

#include "adapters/driven/plugin_host/plugin_rules.h"

struct subject {
    char path[PATH_MAX]; /* the folder, resolved */
    char name[NAME_MAX + 1];
    const char *binary; /* plugin.so, or the file that stands for it */
    int parent, folder; /* descriptors */
    struct str manifest_text;
    struct json_doc *document; /* of plugin.json; NULL: json_error says why */
    struct error json_error;
    bool manifest_read; /* else manifest_error */
    struct manifest manifest;
    struct error manifest_error;
    int binary_fd; /* -1: image_error */
    struct str image;
    struct error image_error;
    bool facts_read; /* else facts_why, facts_error */
    struct elf_facts facts;
    enum refusal facts_why;
    struct error facts_error;
};

/* Opens the folder `path` and reads what there is. Fails only if there is no such folder. */
int subject_open(const char *path, const char *binary, struct subject *out, struct error *err);
void subject_close(struct subject *s);

/* The id for people: of the manifest, else the folder's name. */
struct str subject_id(const struct subject *s);

/* The manifest's JSON, nothing if it could not be read. */
struct json subject_json(const struct subject *s);

/* Does the manifest ask for `what` ("paths", "hosts", "env", "programs", ...) of the grants? */
struct json subject_grant(const struct subject *s, const char *what);

/* Does it list the interface? */
bool subject_provides(const struct subject *s, const char *interface);
