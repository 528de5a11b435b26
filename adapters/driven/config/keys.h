/* Inside of config: finding settings by key or variable, and what to say of those that nobody knows.
 * "section.name" is a key; its first part names a section, an object in a file. */
#pragma once

#include "adapters/driven/config/config.h"

#define VARIABLE_MAX 96

/* The index in config_settings, -1 if there is no such setting. */
ptrdiff_t key_find(struct str key);

/* True if keys begin with "section.". */
bool key_is_section(struct str section);

/* ST_CONFIG: nobody knows `key`; names the nearest known key or section. */
int key_unknown(struct str key, struct error *err);

/* "stdio.drain_ms" -> "HEXMCP_STDIO_DRAIN_MS", at most VARIABLE_MAX bytes with its NUL. */
void key_variable(const char *key, char *out);

/* What a name that begins with HEXMCP_ is. */
enum variable_kind {
    VARIABLE_SETTING, /* *index is its setting                                             */
    VARIABLE_OTHER,   /* read elsewhere                                                    */
    VARIABLE_NEAR,    /* like a known one, which `err` names: ST_CONFIG                    */
    VARIABLE_UNKNOWN, /* like none; nothing reads it                                       */
};
enum variable_kind key_of_variable(struct str name, size_t *index, struct error *err);
