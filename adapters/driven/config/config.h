/*
 * Configuration: layers of settings, later ones over earlier ones.
 *
 *   built-in defaults < system file < user file < project file < HEXMCP_* environment < command line
 *
 * Files are JSON with comments. A key that nobody knows is an error that names the nearest known
 * one. The project file comes with a folder that somebody else may have written, so it may narrow
 * what the user allowed and never widen it.
 */
#pragma once

#include "core/base/buffer.h"
#include "core/base/error.h"
#include "core/base/str.h"

enum config_layer {
    LAYER_DEFAULT,
    LAYER_SYSTEM,
    LAYER_USER,
    LAYER_PROJECT,
    LAYER_ENVIRONMENT,
    LAYER_COMMAND_LINE,
};

enum setting_type {
    SETTING_BOOL,
    SETTING_INTEGER,
    SETTING_STRING,
    SETTING_CHOICE,  /* a string out of `choices`, in rising order                             */
    SETTING_STRINGS, /* array of strings                                                       */
    SETTING_FOLDERS, /* array of strings: absolute paths once they are stored                  */
    SETTING_OBJECT,  /* any JSON object; a later layer replaces it whole                       */
    SETTING_WORDS,   /* an object of strings out of `choices`, in rising order                 */
    SETTING_HOSTS,   /* arrays of strings, in the order of core/policy/grant_list.h            */
    SETTING_ENV,
    SETTING_PROGRAMS,
    SETTING_SECRETS,
    SETTING_OPERATIONS,
};

/* What a project file may do with a setting. */
enum project_rule {
    PROJECT_NEVER, /* not set it                                                               */
    PROJECT_LOWER, /* integers, choices and words: a lower value than the one before; bool:
                      false. Of words: each; the others stay                                   */
    PROJECT_TRUE,  /* bool: true                                                               */
    PROJECT_FEWER, /* integers: the same where 0 stands for as many as fit, at least 4         */
    PROJECT_CAP,   /* integers: the same where 0 stands for no limit                           */
    PROJECT_UNSET, /* set it as long as it has its default value                               */
    PROJECT_ADD,   /* strings: add to the ones before                                          */
    PROJECT_WITHIN, /* folders: the ones before, or folders beneath them; grants: what the ones
                      before allow                                                             */
    PROJECT_FREE,  /* set it: it gives no power                                                */
};

struct setting {
    const char *key;     /* "stdio.drain_ms" */
    enum setting_type type;
    const char *initial; /* JSON text of the default */
    int64_t low, high;   /* SETTING_INTEGER */
    const char *choices; /* SETTING_CHOICE, SETTING_WORDS: words separated by one space */
    enum project_rule project;
    const char *help;
};

/* The table of all settings, in the order in which they are shown. */
extern const struct setting config_settings[];
extern const size_t config_setting_count;

/* Where the files are. NULL: there is no such file. */
struct config_sources {
    const char *system_path;
    const char *user_path;
    const char *project_path;
    const char *chosen_path;  /* --config FILE: must exist, takes the place of the user file */
    char *const *environment; /* as environ */
};

struct config;

/* Reads all layers but the command line. ST_CONFIG names file, line, column and key:
 * "FILE:3:14: stdio.drain_ms must be ...". */
int config_load(const struct config_sources *sources, struct config **out, struct error *err);

/* What is wrong somewhere in the layers. */
struct config_fault {
    const char *source;    /* the file; empty for a variable, which `text` names */
    unsigned line, column; /* from 1, in characters; 0 for a variable */
    const char *text;      /* without the place */
    bool harmless;         /* nothing is wrong, but something is not what it looks like */
};
typedef void config_tell_fn(void *ctx, const struct config_fault *fault);

/* Reads the layers and tells each fault instead of ending at the first. What is wrong has no effect
 * on the rest. ST_CONFIG: a file cannot be read at all. */
int config_check(const struct config_sources *sources, config_tell_fn *tell, void *ctx,
                 struct error *err);

/* Appends the JSON Schema of a configuration file, indented, for editors: it says of keys, types and
 * ranges what config_check says. It is draft-07, which editors know best, and uses only words that
 * mean the same in 2020-12. */
int config_schema(struct buffer *out, struct error *err);

/* NULL is allowed. */
void config_free(struct config *config);

/* One setting from the command line; `text` is JSON or, for strings, the bare word. */
int config_set(struct config *config, struct str key, struct str text, struct error *err);

/* The current value as JSON text, and where it came from. `index` is that of config_settings. */
struct str config_json(const struct config *config, size_t index);
enum config_layer config_origin(const struct config *config, size_t index);

/* The file, variable or option that set it; empty for a default. */
struct str config_origin_name(const struct config *config, size_t index);

/* "default", "system file", ... */
const char *config_layer_name(enum config_layer layer);

/* Values by key. The key must be in the table and of that type. */
int64_t config_integer(const struct config *config, const char *key);
bool config_bool(const struct config *config, const char *key);

/* Decoded; lives as long as the value is not set again. */
struct str config_string(const struct config *config, const char *key);

/* JSON text of the value. */
struct str config_text(const struct config *config, const char *key);
