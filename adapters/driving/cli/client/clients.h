/* The MCP clients that hexmcp can be added to: what they are called, where they keep their servers,
 * and how. docs/clients.md shows the same table with its sources. */
#pragma once

#include <limits.h>

#include "adapters/driving/cli/client/entry.h"

/* A path: below the folder that a variable names, else below the home folder. */
struct client_place {
    const char *variable; /* NULL: there is none */
    const char *below_variable;
    const char *below_home;
};

struct client {
    const char *id;
    const char *title;
    const struct client_format *format;
    const char *section;        /* the key that holds the servers */
    bool typed;                 /* entries have "type": "stdio" */
    struct client_place file;   /* of the user */
    struct client_place newer;  /* taken in place of `file` if it exists; below_home NULL: none */
    struct client_place folder; /* is there if the client is */
    const char *project;        /* in a project folder; NULL: the client has no such file */
};

extern const struct client clients[];
extern const size_t client_count;

/* ST_NOT_FOUND names the nearest one. */
int client_by_id(const char *id, const struct client **out, struct error *err);

/* Its file, of the user or of the project in the working folder; it need not exist. ST_INVALID: there
 * is no home folder, or no file for projects. */
int client_file(const struct client *client, bool project, char path[PATH_MAX], struct error *err);

/* True if the client's own folder is there. */
bool client_is_here(const struct client *client);

/* What a client has of us. */
enum client_state {
    CLIENT_ABSENT,     /* the client is not here                                     */
    CLIENT_WITHOUT,    /* it has no such entry                                       */
    CLIENT_WITH,       /* it has, and the entry's command can be run                 */
    CLIENT_BROKEN,     /* it has, and there is no such command                       */
    CLIENT_UNREADABLE, /* its file cannot be read or understood                      */
    CLIENT_HAS_NONE,   /* asked for a project, and it has no file for projects       */
};

struct client_report {
    enum client_state state;
    char file[PATH_MAX];
    char command[PATH_MAX]; /* of the entry; empty if there is none */
    struct error why;       /* CLIENT_UNREADABLE */
};

/* Looks for the entry `name`. */
void client_look(const struct client *client, bool project, struct str name,
                 struct client_report *out);

/* "not added", ... */
const char *client_state_name(enum client_state state);

/* The program that would be started for the name, with its folder; false if there is none. */
bool program_find(const char *name, char path[PATH_MAX]);
