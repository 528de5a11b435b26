#include "adapters/driving/validator/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "adapters/driving/validator/watch.h"

#define TAIL 6144
#define WORDS 320
#define FLOOD ((size_t)256 * 1024)
#define EXIT_OF_CHECK 0

/* What came from one of the child's outputs. */
struct output {
    int fd;
    size_t total;
    char first[96];
    size_t first_len;
    char tail[TAIL];
    size_t tail_len;
};

struct running {
    struct trial *t;
    pid_t pid;
    struct output out, error;
    uint64_t deadline_ms;
    bool timed_out, stopped;
    int status;
};

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

static void crash(struct trial *t, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void crash(struct trial *t, const char *format, ...)
{
    char text[sizeof(((struct finding *)0)->text)];
    va_list args;
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    board_tell(t->board, FINDING_CRASH, "", text);
}

/* ---- in the child --------------------------------------------------------------------------- */

static void set_limit(int what, rlim_t value)
{
    const struct rlimit limit = {value, value};
    setrlimit(what, &limit);
}

static void limit_child(const struct trial *t)
{
    set_limit(RLIMIT_CORE, 0);
    set_limit(RLIMIT_FSIZE, (rlim_t)64 << 20);
    if ((t->check->needs & NEEDS_SERVER) || t->options->within)
        return;
    set_limit(RLIMIT_NOFILE, CHILD_DESCRIPTORS);
    set_limit(RLIMIT_DATA, (rlim_t)CHILD_MEMORY_MIB << 20);
}

/* Keeps the bundle and the three standard ones. */
static void close_others(const struct trial *t)
{
    const struct subject *s = t->subject;
    for (int fd = 3; fd < 1024; fd++)
        if (fd != s->folder && fd != s->parent && fd != s->binary_fd)
            close(fd);
}

static bool report_harm(void *arg, const char *what, const char *object)
{
    struct trial *t = arg;
    tell_failure(t, t->subject->binary,
                 "it tried to %s%s%s while %s; a plugin asks the host for such things (grants in "
                 "plugin.json)",
                 what, *object ? " " : "", object, t->board->step);
    return false;
}

/* A secret stands there that must not come out again (probe.c). */
static void replace_environment(const struct trial *t)
{
    static char secret[64];
    static char *environment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", secret, NULL};
    snprintf(secret, sizeof(secret), CANARY_NAME "=" CANARY_FORMAT, (unsigned long long)t->seed);
    environ = environment;
}

static void __attribute__((noreturn)) be_child(struct trial *t, int out, int error)
{
    int null = open("/dev/null", O_RDONLY);
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    dup2(null, STDIN_FILENO);
    dup2(out, STDOUT_FILENO);
    dup2(error, STDERR_FILENO);
    close_others(t);
    limit_child(t);
    if (chdir(t->scratch) != 0)
        _exit(99);
    if (!(t->check->needs & NEEDS_SERVER)) {
        replace_environment(t);
        if (json_count(subject_grant(t->subject, "programs")) == 0)
            watch_begin(WATCH_HARM, report_harm, t);
    }
    t->check->run(t);
    fflush(NULL);
    atomic_store(&t->board->ended, 1);
    _exit(EXIT_OF_CHECK);
}

/* ---- in the parent -------------------------------------------------------------------------- */

static void keep_tail(struct output *o, const char *bytes, size_t len)
{
    if (len >= TAIL) {
        memcpy(o->tail, bytes + len - TAIL, TAIL);
        o->tail_len = TAIL;
        return;
    }
    size_t keep = o->tail_len + len > TAIL ? TAIL - len : o->tail_len;
    memmove(o->tail, o->tail + o->tail_len - keep, keep);
    memcpy(o->tail + keep, bytes, len);
    o->tail_len = keep + len;
}

/* False at the end of the stream. */
static bool drain(struct output *o)
{
    char bytes[8192];
    errno = 0;
    ssize_t n = read(o->fd, bytes, sizeof(bytes));
    if (n < 0)
        return errno == EAGAIN || errno == EINTR;
    for (ssize_t i = 0; i < n && o->first_len < sizeof(o->first) - 1; i++)
        o->first[o->first_len++] = bytes[i];
    keep_tail(o, bytes, (size_t)n);
    o->total += (size_t)n;
    return n > 0;
}

static void kill_group(const struct running *r)
{
    kill(-r->pid, SIGKILL);
    kill(r->pid, SIGKILL);
}

/* What the plugin started and left behind comes to us, as we are the subreaper. */
static void reap_orphans(struct trial *t)
{
    int count = 0, status;
    pid_t pid;
    for (int tries = 0; tries < 200; tries++) {
        while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
            count++;
        if (pid < 0)
            break;
        usleep(5000);
    }
    if (count && !(t->check->needs & NEEDS_SERVER))
        tell_failure(t, t->subject->binary, "it left %d process%s behind; wait for what it starts",
                     count, count == 1 ? "" : "es");
}

/* True once the child has ended. */
static bool ended(struct running *r)
{
    int status;
    pid_t pid = waitpid(r->pid, &status, WNOHANG | WUNTRACED);
    if (pid != r->pid)
        return false;
    r->status = status;
    if (!WIFSTOPPED(status))
        return true;
    r->stopped = true;
    kill_group(r);
    waitpid(r->pid, &r->status, 0);
    return true;
}

static void watch_child(struct running *r)
{
    bool more[2] = {true, true};
    for (;;) {
        struct pollfd fds[2] = {{more[0] ? r->out.fd : -1, POLLIN, 0},
                                {more[1] ? r->error.fd : -1, POLLIN, 0}};
        poll(fds, 2, 10);
        if (fds[0].revents)
            more[0] = drain(&r->out);
        if (fds[1].revents)
            more[1] = drain(&r->error);
        if (ended(r))
            break;
        if (now_ms() > r->deadline_ms) {
            r->timed_out = true;
            kill_group(r);
            waitpid(r->pid, &r->status, 0);
            break;
        }
    }
    kill_group(r);
    /* No longer than what stands in the pipes: somebody may still hold the other end. */
    for (int i = 0; i < 64 && more[0]; i++)
        more[0] = drain(&r->out) && errno != EAGAIN;
    for (int i = 0; i < 64 && more[1]; i++)
        more[1] = drain(&r->error) && errno != EAGAIN;
}

static void printable(const char *from, size_t len, char *out, size_t size)
{
    size_t used = 0;
    for (size_t i = 0; i < len && used + 1 < size; i++)
        out[used++] = from[i] == '\n' ? ' ' : from[i] >= ' ' && from[i] < 127 ? from[i] : '.';
    while (used && out[used - 1] == ' ')
        used--;
    out[used] = '\0';
}

/* The line in which a sanitizer sums up, else the end of what it said. */
static const char *last_words(const struct running *r, char *text, size_t size)
{
    char words[WORDS + 1];
    const struct output *o = &r->error;
    const char *from = memmem(o->tail, o->tail_len, "SUMMARY: ", 9);
    size_t len = from ? o->tail_len - (size_t)(from - o->tail) : o->tail_len;
    const char *end = from ? memchr(from, '\n', len) : NULL;
    if (end)
        len = (size_t)(end - from);
    if (!from) {
        len = len < WORDS ? len : WORDS;
        from = o->tail + o->tail_len - len;
    }
    printable(from, len, words, sizeof(words));
    snprintf(text, size, words[0] ? "; it said: %s" : "%s", words);
    return text;
}

static void judge_output(struct running *r)
{
    struct trial *t = r->t;
    char text[96];
    if (t->check->needs & NEEDS_SERVER)
        return;
    if (r->out.total) {
        printable(r->out.first, r->out.first_len, text, sizeof(text));
        tell_failure(t, "standard output",
                     "it wrote %zu bytes to standard output, which is the wire: \"%s\"; use "
                     "host->log",
                     r->out.total, text);
    }
    if (r->error.total > FLOOD)
        tell_warning(t, "standard error", "it wrote %zu bytes to standard error; use host->log",
                     r->error.total);
}

static void judge_end(struct running *r)
{
    struct trial *t = r->t;
    char words[WORDS + 32];
    const char *step = t->board->step[0] ? t->board->step : "nothing of the plugin ran";
    if (atomic_load(&t->board->ended) && !r->timed_out && !r->stopped && WIFEXITED(r->status))
        return;
    if (r->timed_out)
        crash(t, "took longer than %d s while %s%s",
              t->options->timeout_s ? t->options->timeout_s : t->check->seconds, step,
              last_words(r, words, sizeof(words)));
    else if (r->stopped)
        crash(t, "stopped its process while %s; a plugin must not send signals to its own process",
              step);
    else if (WIFSIGNALED(r->status))
        crash(t, "crashed with SIG%s while %s%s", sigabbrev_np(WTERMSIG(r->status)), step,
              last_words(r, words, sizeof(words)));
    else
        crash(t, "ended the process with exit(%d) while %s%s", WEXITSTATUS(r->status), step,
              last_words(r, words, sizeof(words)));
}

static int make_pipe(int ends[2], struct error *err)
{
    if (pipe2(ends, O_CLOEXEC) != 0)
        return error_set(err, ST_GENERIC, "no pipe for a check: %s", strerror(errno));
    fcntl(ends[0], F_SETFL, O_NONBLOCK);
    return ST_OK;
}

int child_run(struct trial *t, struct error *err)
{
    int out[2], error[2];
    struct running r = {.t = t};
    int seconds = t->options->timeout_s ? t->options->timeout_s : t->check->seconds;
    if (make_pipe(out, err) || make_pipe(error, err))
        return ST_GENERIC;
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    fflush(NULL);
    r.pid = fork();
    if (r.pid == 0)
        be_child(t, out[1], error[1]);
    close(out[1]);
    close(error[1]);
    r.out.fd = out[0];
    r.error.fd = error[0];
    r.deadline_ms = now_ms() + (uint64_t)seconds * 1000;
    int rc = r.pid < 0 ? error_set(err, ST_GENERIC, "no process for a check: %s", strerror(errno))
                       : ST_OK;
    if (!rc) {
        watch_child(&r);
        reap_orphans(t);
        board_settle(t->board);
        judge_output(&r);
        judge_end(&r);
    }
    close(out[0]);
    close(error[0]);
    return rc;
}
