/* Where things are: plugins, their index, and the modules of the program. */
#pragma once

#include "adapters/driven/config/config.h"
#include "adapters/driven/plugin_host/plugin_host.h"

struct places;

/* From the configuration, the environment, and the place of the running program: a program in its
 * build folder finds what lies beside it, an installed one what was installed with it. */
int places_new(const struct config *config, struct places **out, struct error *err);
void places_free(struct places *places);

/* Where the plugins that come with the program should be. Borrowed. */
const char *places_bundled(const struct places *places);

/* The folder of the program's own modules. */
const char *places_modules(const struct places *places);

/* The path of hexmcp-plugin-host. */
const char *places_plugin_host(const struct places *places);

/* The index of plugins that are not bundled; NULL if there is no folder for it. */
const char *places_user_index(const struct places *places);

/* The folder of what the program keeps for a user; NULL if there is none. It need not exist. */
const char *places_state(const struct places *places);

/* The lock file; NULL if there is no place for one. */
const char *places_lock(const struct places *places);

/* Adds a bundle that is trusted and lies in none of the folders that are looked into. */
void places_add_trusted(struct places *places, struct str path);

/* True if the plugin is named among those to enable. */
bool places_enables(const struct places *places, struct str id);

/* Sets places, enable and disable. The text is borrowed from `places`. */
void places_fill(const struct places *places, struct plugin_host_config *host);

/* The socket on which a shared server listens, by default. False: no home is known. */
bool places_socket(char *out, size_t size);

struct invocation;
/* The same, or what --unix names. ST_INVALID, ST_CONFIG. */
int places_server_socket(const struct invocation *inv, char *out, size_t size, struct error *err);

/* What plugins tried and were not granted. */
#define DENIALS_FILE "denials.json"

/* The path of a file in the state folder. False: no home is known. */
bool places_state_file(char *out, size_t size, const char *name);

/* The folder of the plugins that the user installed. False: no home is known. */
bool places_user_plugins(char *out, size_t size);

/* The folder of templates that came with the program (hexmcp plugin new); it may be missing. False:
 * where the program lies cannot be told. */
bool places_templates(char *out, size_t size);
