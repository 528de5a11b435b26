/* A change of a client's file: shown, asked for, and made. */
#pragma once

#include "adapters/driving/cli/client/clients.h"
#include "adapters/driving/cli/client/config_file.h"
#include "adapters/driving/cli/command.h"

enum change_kind {
    CHANGE_NONE,
    CHANGE_ADD,
    CHANGE_UPDATE,
    CHANGE_REMOVE,
    CHANGE_DELETE, /* the file held nothing but our entry */
};

struct change {
    const struct client *client;
    const char *name; /* of the entry */
    bool project;
    enum change_kind kind;
    struct config_file file;
    struct buffer after; /* the new text */
};

/* Resolves what add and remove have in common: client, name of the entry, file. */
int change_begin(const struct invocation *inv, struct change *out, struct error *err);
void change_clear(struct change *change);

/* Shows the change, asks unless --yes, writes unless --print. Returns the exit code. */
int change_finish(const struct invocation *inv, const struct change *change);

/* Puts "FILE " in front of what a format says. */
int change_name_file(const struct change *change, struct error *err);
