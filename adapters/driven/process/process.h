/*
 * The service hexmcp.process/1: programs as children of this process, from an argument vector. All
 * [loop]; the loop thread is their parent, so it must live as long as the process.
 */
#pragma once

#include "core/base/error.h"
#include "ports/driven/clock.h"
#include "ports/driven/executor.h"
#include "ports/driven/files.h"
#include "ports/driven/service.h"
#include "ports/driven/timer.h"

struct uv_loop_s;

/* The one operation. `text` is the JSON of hexmcp_process_1.run(), `bytes` the input. */
enum process_op { PROCESS_RUN = 1 };

/* Events. The last one has the JSON of end(). */
enum process_event {
    PROCESS_STDOUT = 1, /* `bytes`: output                                                       */
    PROCESS_STDERR,
    PROCESS_ROOM,    /* `text`: how many bytes of the input the program has taken                */
    PROCESS_RESUMED, /* the answer to PROCESS_RESUME                                             */
};

/* Words about an open run. */
enum process_word {
    PROCESS_TAKEN = 1, /* `text`: how many bytes of output were taken; so many more may come     */
    PROCESS_WRITE,     /* `bytes`: input                                                         */
    PROCESS_FINISH,    /* no more input                                                          */
    PROCESS_SIGNAL,    /* `text`: its number                                                     */
    PROCESS_RESUME,    /* be answered                                                            */
};

/* Output that is sent before it is taken; input that may wait. */
#define PROCESS_AHEAD ((size_t)256 << 10)
#define PROCESS_WRITE_AHEAD ((size_t)1 << 20)
#define PROCESS_INPUT_MAX ((size_t)16 << 20)
#define PROCESS_ARGUMENTS_MAX ((size_t)128 << 10)

struct processes;

/* All is borrowed. */
struct processes_config {
    struct uv_loop_s *loop;
    const struct timer_port *timers;
    const struct clock_port *clock;
    const struct executor_port *executor; /* removes folders                                     */
    const struct files_port *files;       /* opens the folders of sandboxed programs             */
    const char *temporary;                /* where the programs' folders are made                */
};

int processes_new(const struct processes_config *config, struct processes **out,
                  struct error *err);

/* Kills what runs and waits for it. After the workers have ended. NULL is allowed. */
void processes_free(struct processes *processes);

const struct service_port *processes_port(struct processes *processes);

/* Children that have not been reaped. */
size_t processes_running(const struct processes *processes);
