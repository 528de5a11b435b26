/* Inside of the plugin host: what hangs from it. */
#pragma once

#include <pthread.h>

#include "adapters/driven/plugin_host/bundle.h"
#include "adapters/driven/plugin_host/index.h"
#include "adapters/driven/plugin_host/plugin_host.h"
#include "core/base/arena.h"
#include "core/base/buffer.h"
#include "core/base/str_index.h"
#include "core/policy/plugin_grants.h"
#include "hexmcp/ext/draft/hook.h"
#include "hexmcp/ext/draft/stream.h"
#include "hexmcp/host/worker.h"
#include "hexmcp/plugin.h"

struct run;
struct delay;
struct inbox_item;
struct offer;
struct offer_exit;
struct isolated;
struct open_request;
struct plugin_backend;
struct reload;
struct published;
struct service_event;
struct service_link;
struct store_tables;
struct stores;
struct work;

/* A place, kept. */
struct place {
    char *path;   /* the folder of bundles */
    char *single; /* name of the one bundle in it, or NULL for all */
    struct plugin_place given;
    struct index index; /* of a bundled place */
};

struct plugin {
    struct plugin_host *host;
    uint32_t number;
    const struct place *place;
    const struct record *record;
    struct record *owned; /* the record, if it is not the index's */
    enum plugin_state state;
    enum refusal refusal;
    char *reason; /* beyond the record's own */
    bool enabled;
    bool unchecked; /* its record is the index's, and its files have not been looked at */
    const struct plugin_backend *backend;
    struct isolated *isolated; /* its helpers; NULL if it runs in this process */
    const struct plugin_grants *grants; /* never NULL */
    struct kept_grants kept;            /* what `grants` points to, if a person decided */
    char *granted;                      /* the same as JSON, or NULL */
    char digest[PLUGIN_DIGEST_SIZE];    /* plugin.so must have it when it is loaded; empty: any */
    struct reload *reload; /* while it is to be replaced, or is to replace another */
    bool replaced;         /* another one has its slot: it drains                  */
    char *carried;         /* the state of the one that it replaces, until it was loaded */
    size_t carried_len;
    uint32_t run_count; /* calls that have not ended */
    bool retiring;      /* its end has been posted   */
    bool beside;        /* another version of it was loaded before                */
    bool lent;          /* the registry borrows from its record                   */
    struct offer *held; /* what it wants to publish once it has the slot          */

    /* From loading on. */
    struct plugin *next_draining;
    int fd;
    void *library;
    hexmcp_plugin_create_fn create;
    const hexmcp_plugin *instance;
    const hexmcp_tool_1 *tools; /* NULL if the plugin provides none; so the next two */
    const hexmcp_resource_1 *resources;
    const hexmcp_prompt_1 *prompts;
    const hexmcp_selftest_1 *self_test;
    const hexmcp_state_1 *state_keeper;
    struct store_tables *stores; /* NULL if it is no store */
    const hexmcp_hook_1 *hooks;
    char *settings; /* text that init was given */
    hexmcp_host table;
    hexmcp_call_info_1 call_info;
    hexmcp_thread_check_1 thread_check;
    hexmcp_timer_1 timers;
    hexmcp_catalog_1 catalog;
    hexmcp_notify_1 notify;
    hexmcp_files_1 files;
    hexmcp_schema_1 schemas;
    hexmcp_worker_1 workers;
    hexmcp_stream_1 stream;
    struct service_link *services; /* with their tables */
    size_t service_count;
    uint32_t loaded_as; /* 1 for the first plugin loaded, and so on; 0: not loaded */
    struct published *published; /* items that its manifest does not list; written on the loop
                                    alone, under host->published_lock */
    struct offer *updates;       /* [loop] changes that are gathered */
    uint32_t lost;      /* workers that it holds past their time, ever */

    /* Guarded by host->lock. */
    struct delay *delays; /* outstanding timers */
    uint32_t delay_count;
    uint32_t offer_count; /* outstanding words to the catalogue */
    uint32_t told_count;  /* changes that it told of and that wait */
    struct open_request *requests; /* of services */
    uint32_t request_count;
    struct work *works; /* that has not been answered */
    uint32_t work_count;
    bool stopping; /* new timers are answered at once */
    uint32_t inside; /* functions of it that run on workers */
};

struct plugin_host {
    struct plugin_host_config config; /* the borrowed lists are not used after plugin_host_new */
    struct plugin_runtime runtime;
    const struct run_events *events;
    const struct publisher *publisher; /* NULL: nothing can be published */
    const struct offer_exit *offer_exit; /* of a helper; else NULL */
    struct place *places;
    size_t place_count;
    struct arena ids; /* the texts of the next two */
    struct str_index named, disabled; /* what the user said, by id */
    struct index user_index;
    struct plugin **plugins; /* by number */
    size_t plugin_count;
    size_t plugin_cap;
    uint32_t loaded;
    struct stores *stores;   /* written once; NULL: nothing is stored */
    struct plugin *draining; /* that were replaced */
    struct record **outlived; /* records that the registry still borrows from */
    size_t outlived_count;
    bool unsettled;          /* some plugins are unchecked */
    bool warned_of_kernel; /* of what it lacks to confine helpers */
    pthread_t loop; /* guarded by lock while plugin_host_stop runs */

    pthread_mutex_t published_lock; /* of what plugins published; never taken beside `lock` */
    pthread_mutex_t lock;
    /* All below is guarded by lock. */
    struct run **runs; /* buckets by id */
    struct inbox_item *inbox, *inbox_last;
    uint64_t inbox_order; /* of the newest item ever */
    size_t inbox_logs;
    uint64_t own_calls;   /* [loop] calls that the host made itself */
    uint64_t request_ids; /* of the newest request of a service */
    bool posted;  /* the loop has been asked to look into the inbox               */
    size_t jobs;  /* with the executor, from submit until `done`                  */
    bool closed;  /* plugin_host_stop is over: what plugins say is not heard      */
    bool left;    /* a plugin did not come back from stop: nothing may be freed   */
};

/* True on the loop thread. [any] */
bool host_on_loop(struct plugin_host *host);

/* Sets a state, by the table of lifecycle.h. */
void plugin_move(struct plugin *p, enum plugin_state to);

/* Replaces the plugin's reason. */
void plugin_reason(struct plugin *p, const char *text);

/* FAILED for this reason, which is logged too. */
void plugin_fail(struct plugin *p, const struct error *why);

struct str plugin_id(const struct plugin *p);

void plugin_facts_of(const struct plugin *p, struct plugin_facts *out);

/* True if the user named it to be enabled. */
bool plugin_is_named(const struct plugin *p);

/* An item of the plugin. */
/* Item number `index` of the plugin's record. */
struct item plugin_record_item(const struct plugin *p, uint32_t index);
struct item plugin_item(const struct plugin *p, const struct record_item *run, struct str name,
                        struct str json);

/* Sets everything as of a plugin that has just been found. */
void plugin_init(struct plugin *p, struct plugin_host *host, uint32_t number,
                 const struct place *place, const struct record *record, struct record *owned);

/* Looks whether the files of an unchecked plugin are those of the index, and verifies it anew if not.
 * False if it cannot be loaded then. [loop] */
bool plugin_settle(struct plugin *p);
/* The same of all, the first time. [loop] */
void host_settle(const struct plugin_host *host);

/* A plugin that is DISCOVERED; takes `owned` over, on success. NULL without memory. */
struct plugin *plugin_new(struct plugin_host *host, uint32_t number, const struct place *place,
                          const struct record *record, struct record *owned);
void plugin_free(struct plugin *p);

/* True if it has the table that serves items of this kind. [loop] */
bool plugin_serves(const struct plugin *p, enum item_kind kind);

/* True if its manifest lists the interface. */
bool plugin_provides(const struct plugin *p, const char *id);

/* The steps before anything of it runs: opens and checks plugin.so into p->fd; makes p->settings of what a
 * person gave. */
int plugin_open_binary(struct plugin *p, struct error *err);
int plugin_make_settings(struct plugin *p, struct error *err);

/* The instance is gone, and its tables with it. */
void plugin_forget_interfaces(struct plugin *p);

/* Makes a VERIFIED plugin ACTIVE, or has it begin to be. ST_UNAVAILABLE with the reason. */
int plugin_load(struct plugin *p, struct error *err);

/* Fills the host's tables for the plugin. ST_NOMEM. */
int plugin_make_tables(struct plugin *p, struct error *err);

/* One log line of the plugin; nothing after plugin_host_stop. [any] */
void plugin_write(const struct plugin *p, enum log_level level, struct str text);

/* Tells of something that it tried and was not granted. False: there is nobody to tell. [any] */
bool plugin_denied(const struct plugin *p, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same of a request of a service that ended with ST_DENIED; other events say nothing. */
void plugin_denied_event(const struct plugin *p, const char *service,
                         const struct service_event *event);

/* One log line of the host about a plugin. [any] */
void plugin_log(const struct plugin *p, enum log_level level, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* A host of one plugin, VERIFIED, for a helper: its record and its open file, both taken over on success.
 * `path` is that of its bundle. */
int plugin_host_new_one(const struct plugin_host_config *config, const char *path,
                        struct record *record, int fd, const struct plugin_grants *grants,
                        struct plugin_host **out, struct error *err);

/* Finding: fills host->plugins from the places. */
int host_scan(struct plugin_host *host, struct error *err);
int host_add(struct plugin_host *host, const struct place *place, const struct record *record,
             struct record *owned, struct error *err);
/* Keeps what the user named. ST_NOMEM. */
int host_keep_ids(struct plugin_host *host, struct error *err);
/* Decides duplicates and what is enabled. */
int host_choose(struct plugin_host *host, struct error *err);
/* VERIFIED, with the backend that it is run by. ST_NOMEM. */
int host_admit(struct plugin *p, struct error *err);
/* Says whether the plugin is enabled, and why not. */
void host_judge(struct plugin_host *host, struct plugin *p);
/* Gives a bundled plugin that is still unchecked its grants, which host_judge() has not done. */
void host_grant(struct plugin *p);
/* True if the index made the record from the files that the bundle `name`, in the folder `at`, has now. */
bool bundle_is_fresh(int at, const char *name, const struct index *index, const struct record *r);
/* Verifies the bundle `folder` of the place as it is now. ST_NOMEM, else ST_OK and a record. */
int host_verify_again(struct plugin_host *host, const struct place *place, struct str folder,
                      struct record **out, struct error *err);
/* True if the files of the bundle are others than those that were verified. */
bool host_differs(const struct plugin *p);
