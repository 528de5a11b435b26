/*
 * The plugin host: finds plugins, verifies them without running them, says what items they have, loads
 * one when its first call comes, in this process or in a helper (isolated/), and runs calls on the
 * right thread.
 *
 * Making a host runs no code of any plugin and, with a valid index (index.h), opens no manifest.
 *
 * In this process means full trust: a plugin that was loaded can do what hexmcp can do. And
 * finding is not enabling: only bundled plugins and those that the user named are enabled.
 *
 * How a plugin is loaded: its file is opened, checked on the open descriptor, and mapped through
 * /proc/<pid>/fd/<n>, so what runs is what was checked, whatever happens to the path meanwhile.
 * The descriptor stays open, so that a debugger which reads that name from the link map finds the
 * file. Two consequences: /proc must be mounted, and $ORIGIN in a plugin's RUNPATH does not name
 * its folder.
 *
 * Threads: everything is [loop], the thread that called plugin_host_new, unless tagged.
 */
#pragma once

#include "adapters/driven/plugin_host/lifecycle.h"
#include "adapters/driven/plugin_host/manifest.h"
#include "adapters/driven/plugin_host/refusal.h"
#include "ports/driven/clock.h"
#include "ports/driven/crypto.h"
#include "ports/driven/denials.h"
#include "ports/driven/executor.h"
#include "ports/driven/files.h"
#include "ports/driven/log.h"
#include "ports/driven/lost_worker.h"
#include "ports/driven/service.h"
#include "ports/driven/timer.h"
#include "ports/driving/publisher.h"
#include "ports/driven/plugin_runtime.h"
#include "ports/driven/plugin_store.h"
#include "ports/item.h"

struct plugin_facts;
struct plugin_host;

enum plugin_origin {
    PLUGIN_BUNDLED,
    PLUGIN_SYSTEM,
    PLUGIN_USER,
    PLUGIN_ENVIRONMENT,
    PLUGIN_CONFIG,
    PLUGIN_COMMAND_LINE,
};

/* Where to look. If a plugin is in several places, an enabled one goes first, then the earlier. */
struct plugin_place {
    const char *path;
    enum plugin_origin origin;
    bool bundle;     /* `path` is one bundle, not a folder of bundles                             */
    bool enable_all; /* what is found here is enabled, not only what `enable` names               */
};

/* How a plugin is run. */
enum isolation {
    ISOLATION_AUTO,   /* bundled ones in this process, unless they demand isolation; others in helpers */
    ISOLATION_ALWAYS, /* in a helper                                                                   */
    ISOLATION_NEVER,  /* in this process                                                               */
};

/* For plugins in helper processes. */
struct plugin_isolation {
    struct uv_loop_s *loop;
    const char *helper;  /* path of hexmcp-plugin-host                                  */
    const char *modules; /* folder of the program's modules                             */
    bool strict;         /* what the kernel lacks to confine a helper is an error       */
    uint32_t workers;    /* threads of a helper for calls; 0: as the program            */
    uint32_t start_ms;   /* until a helper must be ready                                */
    uint32_t idle_ms;    /* without calls, until a helper ends; 0: never                */
    uint32_t ping_ms;    /* silence of a helper with calls until it is asked            */
    uint32_t pong_ms;    /* and until it is ended, if it does not answer                */
    uint32_t term_ms;    /* after it was asked to end, until it is killed               */
    uint32_t crash_limit; /* so often within crash_window_ms it may end; 0: always       */
    uint32_t crash_window_ms;
    uint32_t backoff_ms; /* from the second crash in it to the next start, then twice that, ... */
};

/* What a person has said of a plugin. */
enum plugin_decision {
    PLUGIN_UNDECIDED, /* nothing: it is off unless it was named                                    */
    PLUGIN_TRUSTED,   /* it is on                                                                  */
    PLUGIN_HELD,      /* it is off, even if it was named                                           */
};

#define PLUGIN_DIGEST_SIZE 72

struct plugin_verdict {
    enum plugin_decision decision;
    struct buffer grants; /* what it gets, a JSON object as in the manifest; empty: {} */
    struct buffer reason; /* for people: why it is held, or what it does not get; may stay empty */
    char digest[PLUGIN_DIGEST_SIZE]; /* "sha256:..." that plugin.so must have when it is loaded;
                                        empty: any */
};
/* What others may want to know of a plugin: it takes calls; it failed or is not used any more because
 * of what it did; it has ended. */
enum plugin_event { PLUGIN_EVENT_LOADED, PLUGIN_EVENT_CRASHED, PLUGIN_EVENT_RETIRED };

struct plugin_host_config {
    /* Borrowed until plugin_host_new returns, strings included. */
    const struct plugin_place *places;
    size_t place_count;
    const char *const *enable; /* ids */
    size_t enable_count;
    const char *const *disable; /* ids; wins over everything else */
    size_t disable_count;
    const char *user_index; /* index of what is not bundled; NULL: none is kept */

    /* Borrowed as long as the host lives. */
    const char *version; /* of hexmcp */
    const struct clock_port *clock;
    const struct timer_port *timer;
    const struct executor_port *executor;
    const struct log_port *log;
    const struct crypto_port *crypto; /* NULL: plugins with a digest are refused */
    const struct files_port *files; /* NULL: no plugin can open files */
    const struct service_port *const *services; /* what plugins may ask of the world */
    size_t service_count;
    const struct lost_worker_port *lost_worker; /* NULL: lost workers are counted, not replaced */
    const struct denials_port *denials; /* NULL: what a plugin was not granted is logged */
    struct plugin_checks checks;

    /* [any] Calls fn(arg) once on the loop, in order. Negative: it will not. */
    int (*post)(void *ctx, void (*fn)(void *arg), void *arg);
    void *post_ctx;

    /* The settings that a person gave for the plugin `id`, a JSON object, borrowed until the next
     * call. NULL, or an empty str: "{}". */
    struct str (*settings)(void *ctx, struct str id);
    void *settings_ctx;

    /* [loop] Told when something has happened to a plugin; NULL: nobody is. */
    void (*happened)(void *ctx, struct str id, enum plugin_event event);
    void *happened_ctx;

    const struct plugin_isolation *isolation; /* NULL: every plugin runs in this process */
    /* What the operator said of the plugin `id`. NULL: ISOLATION_AUTO. */
    enum isolation (*isolate)(void *ctx, struct str id);
    void *isolate_ctx;

    /* Decides about a plugin that is not refused; `facts` is without what is decided now. The verdict
     * comes cleared and is cleared by the host. Of bundled plugins that are taken from an index it is
     * asked later, and for the grants alone. NULL: nothing is decided, and a plugin gets what it asks for
     * of files, and nothing else. */
    void (*judge)(void *ctx, const struct plugin_facts *facts, struct plugin_verdict *verdict);
    void *judge_ctx;

    uint32_t grace_ms; /* how long a call may go on after its deadline; 0: 2,000           */
    uint32_t max_lost; /* lost workers until a plugin is quarantined; 0: 3                 */
};

/* Finds and verifies. A place that is not there is no error, nor is a bad plugin: it is listed with
 * the reason. Fails without memory only. */
int plugin_host_new(const struct plugin_host_config *config, struct plugin_host **out,
                    struct error *err);

/* Stops all plugins in the reverse order of loading, the one that keeps the store last: answers their timers, waits for nothing else,
 * calls stop and destroy. Plugins that still have a thread in a call are left as they are. Takes at
 * most about `budget_ms`, then gives up on a plugin that does not return. Returns how many were
 * left. Afterwards no call is started and nothing is logged for a plugin; post, log and the loop
 * may go, as soon as their own threads are done. */
size_t plugin_host_stop(struct plugin_host *host, uint32_t budget_ms);

/* The same of all but the plugin that keeps the store, which goes on; plugin_host_stop comes later. */
size_t plugin_host_stop_others(struct plugin_host *host, uint32_t budget_ms);

/* Which plugin keeps the store. */
struct plugin_store_choice {
    const char *id;
    /* Appends the settings that it gets, a JSON object, which are wiped afterwards; `given` is what
     * plugin_host_config.settings says. */
    int (*settings)(void *ctx, struct str given, struct buffer *out, struct error *err);
    void *ctx;
};

/* The store that a plugin keeps, which is loaded when it is first used, in this process; lives as long
 * as the host. Once. NULL without memory. */
const struct plugin_store *plugin_host_store(struct plugin_host *host,
                                             const struct plugin_store_choice *choice);

/* Operations of the store that have not ended. */
size_t plugin_host_store_calls(const struct plugin_host *host);

/* Frees the host; plugin_host_stop first. While a thread may still come back to it (a plugin that
 * was left, a job that the executor holds) everything stays where it is: the process ends. NULL is
 * allowed. */
void plugin_host_free(struct plugin_host *host);

/* Where plugins publish items and tell of changes; must outlive the host. Without it nothing can be
 * published. */
void plugin_host_set_publisher(struct plugin_host *host, const struct publisher *publisher);

/* Loads the enabled plugins whose manifest says that they are dynamic, so that they can publish. One
 * that fails is logged. */
void plugin_host_start_dynamic(struct plugin_host *host);

/* Told once how a reload ended: `err` is NULL if the new version has taken the old one's place. */
typedef void plugin_reload_done(void *ctx, struct str id, const struct error *err);

/* Puts what lies on the disk now in the place of the plugin that runs, without dropping a call: the
 * new version is verified, loaded beside the old one, given its state, tested, and gets new calls
 * from then on; the old one ends when its calls have. What fails before leaves the old one. Returns
 * ST_OK if `done` is told, perhaps before return; else `err` says why nothing was begun. */
int plugin_host_reload(struct plugin_host *host, struct str id, plugin_reload_done *done, void *ctx,
                       struct error *err);

/* True if the files of the plugin at `index` are others than those that were verified. */
bool plugin_host_has_changed(const struct plugin_host *host, size_t index);

/* The port for the core; lives as long as the host. */
const struct plugin_runtime *plugin_host_runtime(struct plugin_host *host);

/* A hook that the manifest of an enabled plugin lists. */
struct plugin_hook {
    uint32_t plugin; /* number of the plugin                                       */
    bool isolated;   /* it runs in a process of its own                            */
    struct str plugin_id;
    struct json entry; /* its object in the manifest, valid during the visit       */
};

/* Visits them in the order of the plugins. */
void plugin_host_visit_hooks(const struct plugin_host *host,
                             void (*visit)(void *ctx, const struct plugin_hook *hook), void *ctx);

struct plugin_hook_run {
    uint32_t plugin;
    struct str name;  /* the hook's in its manifest */
    struct str point;
    struct str data;  /* {JSON Pointer: value}      */
    bool on_loop;
    uint32_t timeout_ms;
    /* Exactly once, perhaps before return: `err`, or the JSON that the hook answered. */
    void (*done)(void *arg, const struct error *err, struct str json);
    void *arg;
};

/* Runs a hook; the plugin is loaded if it is not yet. Texts are copied. Returns an id for
 * plugin_host_stop_hook; 0 if done() was called before return. */
uint64_t plugin_host_run_hook(struct plugin_host *host, const struct plugin_hook_run *run);

/* Nobody waits for it: it is asked to stop, and done() will not come. */
void plugin_host_stop_hook(struct plugin_host *host, uint64_t id);

/* Walks the items of all enabled plugins, in order: start with {0}. Text lives as long as the
 * host. `name` equals `local_name`; the registry decides the public one. */
struct plugin_item_cursor {
    size_t plugin;
    uint32_t item;
};
bool plugin_host_next_item(const struct plugin_host *host, struct plugin_item_cursor *cursor,
                           struct item *out);

/* One plugin for `plugin list` and `plugin inspect`. Text lives until the host changes. */
struct plugin_facts {
    struct str id;
    struct str place;  /* the path of the bundle is place/folder */
    struct str folder;
    enum plugin_origin origin;
    bool enabled;
    enum plugin_state state;
    enum refusal refusal;
    struct str reason; /* for people; why it is not enabled, refused, failed, quarantined */
    struct str version, title, description, license, homepage;
    struct str digest;  /* as the manifest has it; empty if it has none */
    struct str granted; /* JSON: what it gets of `grants`; empty if nobody decided */
    bool named;         /* to be enabled */
    const struct record *record;
    struct str provides, grants, config, resources, templates, prompts, hooks, needed; /* JSON or empty */
    uint32_t abi_major, abi_minor;
    bool isolation_required, concurrent, dynamic;
    uint32_t tool_count;
    uint32_t lost_workers;
    bool from_index; /* not verified anew at this start */
};
/* Appends the plugin's items as they stand in the manifest, a JSON object: {"tools": [...],
 * "resources": [...], "resourceTemplates": [...], "prompts": [...]}. */
void plugin_facts_definitions(const struct plugin_facts *facts, struct buffer *out);

size_t plugin_host_count(const struct plugin_host *host);

/* Why the plugin is not used; REFUSED_NOT if nothing is wrong, or behind the last one. */
enum refusal plugin_host_refusal(const struct plugin_host *host, size_t index);
bool plugin_host_at(const struct plugin_host *host, size_t index, struct plugin_facts *out);

/* The item number `item` of this kind of the plugin at `index`, enabled or not: what its manifest
 * lists. */
bool plugin_host_item_of(const struct plugin_host *host, size_t index, enum item_kind kind,
                         uint32_t item, struct item *out);

/* "bundled", "system", "user", "environment", "config", "command-line". */
const char *plugin_origin_name(enum plugin_origin origin);
