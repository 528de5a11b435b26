/* Inside of process: one run of a program, from the request to the last event. */
#pragma once

#include <limits.h>
#include <sys/resource.h>
#include <sys/types.h>
#include <uv.h>

#include "adapters/driven/plugin_host/sandbox/program.h"
#include "adapters/driven/process/process.h"
#include "core/base/arena.h"
#include "core/base/buffer.h"
#include "core/base/str.h"
#include "core/json/json.h"

#define RUNS_MAX 64u
#define RUNS_PER_PLUGIN 8u
#define GRACE_MS 2000u
#define MEMORY_DEFAULT ((uint64_t)2 << 30)
#define CPU_DEFAULT 600u
#define FIXED_PATH "/usr/local/bin:/usr/bin:/bin"

enum stdin_mode { STDIN_NONE, STDIN_BYTES, STDIN_STREAM };

/* What a sandboxed program may do with the folders that its call may open. */
enum sandbox_paths { SANDBOX_PATHS_NONE, SANDBOX_PATHS_READ, SANDBOX_PATHS_WRITE };

/* What a request asks for, checked. */
struct command {
    struct arena memory;
    char *name;         /* as it was asked for                  */
    char path[PATH_MAX]; /* the file, without links             */
    char **arguments;   /* with the name, ends with NULL        */
    char **environment; /* "NAME=value", ends with NULL         */
    uint64_t timeout_ms;
    uint64_t max_output;
    enum stdin_mode stdin_mode;
    bool check; /* nothing is started: only what would be is told */
    bool sandboxed;
    enum sandbox_paths paths;
    char *folder; /* where it starts; NULL: in a folder of its own */
    uint64_t memory_bytes; /* 0: the default */
    uint32_t cpu_seconds;
};

/* ST_INVALID, ST_DENIED, ST_NOT_FOUND, ST_NOMEM. */
int process_command_read(const struct service_request *q, struct command *out, struct error *err);
void process_command_clear(struct command *command);

/* Finds the file of a granted program. ST_NOT_FOUND, ST_DENIED. */
int process_program_find(const char *name, char path[PATH_MAX], struct error *err);

/* The environment of the program, in `memory`. */
int process_environment_make(const struct plugin_grants *grants, struct json wanted, struct arena *memory,
                     char ***out, struct error *err);

/* The sandbox of one start, with all its descriptors. */
struct confinement {
    struct sandbox_program sandbox;
    int program; /* the file that is started                     */
    int folder;  /* where it starts, or -1: in its own folder    */
    struct arena memory;
    char **arguments;
    char **environment;
};

/* Makes it. `own` is the folder of the program. ST_DENIED, ST_NOT_FOUND for the folder where it starts;
 * ST_UNAVAILABLE. */
int process_confine(const struct files_port *files, const struct service_request *q,
                    const struct command *command, const char *own, struct confinement *out,
                    struct error *err);
void process_confinement_clear(struct confinement *confinement);

/* What was started. The descriptors are this side's, non-blocking; `in` is -1 without input. */
struct child {
    pid_t pid;
    int pidfd, in, out, err;
};

/* ST_UNAVAILABLE says why the program cannot be started. `confinement` may be NULL. */
int process_spawn(const struct command *command, const struct confinement *confinement,
                  const char *folder, struct child *out, struct error *err);

/* A descriptor that is watched. It outlives its run until libuv lets it go. */
struct watch {
    uv_poll_t poll;
    int fd;
    void (*ready)(void *arg);
    void *arg;
};
struct watch *process_watch_new(uv_loop_t *loop, int fd, void (*ready)(void *arg), void *arg);
void process_watch_set(struct watch *watch, int events); /* UV_READABLE, UV_WRITABLE or 0 */
/* Closes the descriptor. NULL is allowed. */
void process_watch_close(struct watch *watch);

struct run {
    struct run *next;
    struct processes *all;
    uint64_t id;
    struct str plugin; /* in `owner` */
    char *owner;
    struct buffer plan; /* of a check: what would be started, as JSON */
    struct service_sink sink; /* without a function: nobody listens any more */
    char *folder;
    struct child child;
    struct watch *exit, *in, *streams[2];
    struct timer *timer;
    uint64_t started_ns;

    struct buffer input; /* waits to be written, from input_at on */
    size_t input_at;
    bool input_ends;
    bool writable_stream;
    uint64_t unread;  /* output that was sent and not taken */
    uint64_t room;    /* output that may still come */
    bool truncated, timed_out, terminated;
    bool exited; /* and reaped: `child.pid` means nothing any more */
    bool busy;   /* the sink is being told something */
    bool over;   /* only the folder is left */
    int status;
    struct rusage usage;
};

struct processes {
    struct service_port port;
    struct processes_config config;
    struct run *runs;
    uint64_t last_id;
};

int process_run_start(struct processes *all, const struct service_request *q,
              const struct service_sink *sink, uint64_t *id, struct error *err);
void process_run_tell(struct run *r, uint32_t kind, struct str text, struct str bytes);

/* Nobody listens; the program is terminated. */
void process_run_abandon(struct run *r);

/* What the command would start and with what, as JSON. */
void process_plan_write(const struct command *command, const struct plugin_grants *grants,
                        const struct path_grants *paths, struct buffer *out);

/* Kills the program, waits for it, removes the folder and frees the run. */
void process_run_destroy(struct run *r);

/* Reads and writes what can be, and ends the run if that was the last. */
void process_run_pump(struct run *r);

/* ---- between the parts of a run ------------------------------------------------------------- */

/* Tells the sink, if somebody listens. */
void process_run_say(struct run *r, enum process_event kind, struct str text, struct str bytes);

/* The end with an error; the program is terminated. */
void process_run_fail(struct run *r, int status, const char *text);

/* Reads what the stream has and the plugin has room for. */
void process_run_read(struct run *r, int stream);

/* Writes what waits, and closes the input behind the last. */
void process_run_write(struct run *r);
void process_run_add_input(struct run *r, struct str bytes);

/* Makes and removes a folder. */
char *process_folder_make(const char *temporary, struct error *err);
void process_folder_remove(const char *path);
