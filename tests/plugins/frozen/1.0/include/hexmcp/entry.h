/*
 * hexmcp/entry.h - how a plugin begins: the two exported symbols and the instance.
 *
 * SPDX-License-Identifier: MIT
 *
 * A plugin is a folder with two files: plugin.json (the manifest: everything static that there is
 * to know) and plugin.so, which exports exactly the two symbols that HEXMCP_PLUGIN_DEFINE makes.
 *
 * The order of calls, the only one that the host uses:
 *
 *   dlopen -> hexmcp_plugin_create -> init -> get_interface... -> start
 *          -> calls through the interfaces -> stop -> destroy
 *
 * destroy is legal from every state after a successful create, also after a failed init or start.
 * There is no dlclose: static data stays mapped until the process ends, so a library destructor or
 * atexit handler is the wrong place for anything.
 */
#ifndef HEXMCP_ENTRY_H
#define HEXMCP_ENTRY_H

#include "hexmcp/abi.h"
#include "hexmcp/host.h"

#ifdef __cplusplus
extern "C" {
#endif

/* First eight bytes of hexmcp_plugin_info. */
#define HEXMCP_MAGIC "HEXMCP\r\n"

/* The exported constant `hexmcp_plugin_info`. It holds no pointer, so the host reads it from the
 * file before any code of the plugin runs. Since: 1.0. */
typedef struct hexmcp_plugin_info_1 {
    char magic[8];           /* HEXMCP_MAGIC, without a closing NUL                              */
    uint32_t size;           /* sizeof(hexmcp_plugin_info_1)                                     */
    uint32_t abi_major;      /* HEXMCP_ABI_MAJOR that the plugin was compiled with               */
    uint32_t abi_minor;      /* HEXMCP_ABI_MINOR that the plugin was compiled with               */
    uint32_t min_host_minor; /* the oldest host minor that the plugin can work with              */
    char id[128];            /* reverse domain, or hexmcp.*; equal to the manifest's             */
    char version[32];        /* semantic version; equal to the manifest's                        */
    char reserved[72];       /* zero                                                             */
} hexmcp_plugin_info_1;

/* An instance: the plugin's table. Lives until destroy returns. Since: 1.0. */
typedef struct hexmcp_plugin {
    uint32_t size;     /* sizeof(hexmcp_plugin)                                                  */
    uint32_t reserved; /* 0                                                                      */
    void *self;        /* first argument of every function below                                 */

    /* [loop] Reads the settings: `config_json` is an object that fits the manifest's `config`
     * schema, "{}" if the person set nothing. Host services may be used from here on.
     * Errors: HEXMCP_E_CONFIG with a text that names the key; any other HEXMCP_E_*. */
    int32_t (*init)(void *self, hexmcp_str config_json, hexmcp_error *err);

    /* [loop] An ability by id, for example HEXMCP_TOOL_1; NULL if the plugin has none of that
     * name. `id` is NUL-terminated and must be compared whole. Legal after init. */
    const void *(*get_interface)(void *self, const char *id);

    /* [loop] Calls may come from here on. May be NULL. */
    int32_t (*start)(void *self, hexmcp_error *err);

    /* [loop] No new call will come; every call has been completed or given up. Returns when no
     * thread of the plugin runs any more. May be NULL. */
    void (*stop)(void *self);

    /* [loop] Frees the instance. Must accept an instance whose init or start failed. */
    void (*destroy)(void *self);
} hexmcp_plugin;

/* The exported entry function `hexmcp_plugin_create`.
 * [loop] Makes an instance. `host` lives until destroy returns; only host->log may be used here.
 * On success writes *out and returns HEXMCP_OK; on failure fills *err and returns its code. */
typedef int32_t (*hexmcp_plugin_create_fn)(const hexmcp_host *host, const hexmcp_plugin **out,
                                           hexmcp_error *err);

/*
 * Defines both exported symbols. Use it once, at file scope:
 *
 *   static int32_t make(const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err);
 *   HEXMCP_PLUGIN_DEFINE("org.example.hello", "1.0.0", make)
 *
 * `id` and `version` are string literals of at most 127 and 31 bytes. Since: 1.0.
 */
#define HEXMCP_PLUGIN_DEFINE(id, version, create_function)                                       \
    HEXMCP_EXTERN_C HEXMCP_EXPORT const hexmcp_plugin_info_1 hexmcp_plugin_info;                 \
    const hexmcp_plugin_info_1 hexmcp_plugin_info = {                                            \
        {'H', 'E', 'X', 'M', 'C', 'P', '\r', '\n'},                                              \
        (uint32_t)sizeof(hexmcp_plugin_info_1),                                                  \
        HEXMCP_ABI_MAJOR,                                                                        \
        HEXMCP_ABI_MINOR,                                                                        \
        0u,                                                                                      \
        id,                                                                                      \
        version,                                                                                 \
        {0}};                                                                                    \
    HEXMCP_EXTERN_C HEXMCP_EXPORT int32_t hexmcp_plugin_create(                                  \
        const hexmcp_host *host, const hexmcp_plugin **out, hexmcp_error *err);                  \
    int32_t hexmcp_plugin_create(const hexmcp_host *host, const hexmcp_plugin **out,             \
                                 hexmcp_error *err)                                              \
    {                                                                                            \
        return create_function(host, out, err);                                                  \
    }                                                                                            \
    HEXMCP_EXTERN_C int32_t hexmcp_plugin_create(const hexmcp_host *, const hexmcp_plugin **,    \
                                                 hexmcp_error *)

#ifdef __cplusplus
}
#endif

#endif
