#include "adapters/driving/validator/server.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "core/json/writer.h"

#define CLAIM                                                                                      \
    "{\"io.modelcontextprotocol/protocolVersion\":\"2026-07-28\","                                 \
    "\"io.modelcontextprotocol/clientCapabilities\":{}}"

static uint64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000 + (uint64_t)now.tv_nsec / 1000000;
}

void server_home(const char *scratch, char out[SERVER_HOME_SIZE])
{
    snprintf(out, SERVER_HOME_SIZE, "%s-home", scratch);
}

static void be_server(struct trial *t, bool isolated)
{
    char way[192], home[SERVER_HOME_SIZE], variable[SERVER_HOME_SIZE + 5];
    struct str id = subject_id(t->subject);
    const char *mode = isolated ? "isolation.mode=always" : "isolation.mode=auto";
    snprintf(way, sizeof(way), "plugins.isolation={\"%.*s\":\"%s\"}", STR_ARG(id),
             isolated ? "always" : "never");
    server_home(t->scratch, home);
    mkdir(home, 0700);
    snprintf(variable, sizeof(variable), "HOME=%s", home);
    char *environment[] = {variable, "PATH=/usr/bin:/bin", "LANG=C.UTF-8", NULL};
    const char *arguments[] = {"hexmcp", "serve", "--plugin",      t->subject->path, "--set", mode,
                               "--set",  way,     "--allow-write", t->scratch,
                               "--set",  "storage.url=memory:",    NULL};
    execve(t->program, (char *const *)arguments, environment);
    _exit(127);
}

bool server_start(struct server *s, struct trial *t, bool isolated)
{
    int in[2], out[2];
    *s = (struct server){.t = t, .rest = BUFFER_INIT};
    trial_step(t, "starting hexmcp serve, the plugin %s",
               isolated ? "in a helper" : "in its process");
    if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
        return false;
    signal(SIGPIPE, SIG_IGN);
    s->pid = fork();
    if (s->pid == 0) {
        dup2(in[0], STDIN_FILENO);
        dup2(out[1], STDOUT_FILENO);
        be_server(t, isolated);
    }
    close(in[0]);
    close(out[1]);
    s->in = in[1];
    s->out = out[0];
    return s->pid > 0;
}

void server_stop(struct server *s)
{
    close(s->in);
    for (int i = 0; i < 500 && server_lives(s); i++)
        usleep(10000);
    if (server_lives(s)) {
        tell_warning(s->t, "hexmcp serve",
                     "it did not end within five seconds after its input had");
        kill(s->pid, SIGKILL);
        waitpid(s->pid, NULL, 0);
    }
    close(s->out);
    buffer_clear(&s->rest);
}

unsigned long server_send(struct server *s, struct str tool, struct str arguments)
{
    struct buffer line = BUFFER_INIT;
    struct json_writer w = json_writer(&line);
    json_begin_object(&w);
    json_put_string(&w, STR("jsonrpc"), STR("2.0"));
    json_put_i64(&w, STR("id"), (int64_t)++s->serial);
    json_put_string(&w, STR("method"), STR("tools/call"));
    json_key(&w, STR("params"));
    json_begin_object(&w);
    json_put_string(&w, STR("name"), tool);
    json_put_raw(&w, STR("arguments"), arguments);
    json_put_raw(&w, STR("_meta"), STR(CLAIM));
    json_end_object(&w);
    json_end_object(&w);
    buffer_add_char(&line, '\n');
    for (size_t at = 0; at < line.len;) {
        ssize_t n = write(s->in, line.data + at, line.len - at);
        if (n < 0 && errno != EINTR)
            break;
        at += n > 0 ? (size_t)n : 0;
    }
    buffer_clear(&line);
    return s->serial;
}

/* True if the line answers the id; then *out is filled. */
static bool take_line(struct str line, unsigned long id, struct buffer *out)
{
    struct json_doc *doc;
    int64_t its = 0;
    if (json_parse(line, &doc, NULL))
        return false;
    struct json root = json_root(doc);
    struct json result = json_get(root, STR("result")), error = json_get(root, STR("error"));
    bool fits = json_int64(json_get(root, STR("id")), &its) && (unsigned long)its == id &&
                (json_exists(result) || json_exists(error));
    if (fits) {
        buffer_reset(out, SIZE_MAX);
        buffer_add_str(out, json_exists(result) ? STR("result ") : STR("error "));
        buffer_add_str(out, json_text(json_exists(result) ? result : error));
    }
    json_free(doc);
    return fits;
}

/* Lines that answer something else are passed over. */
static bool look(struct server *s, unsigned long id, struct buffer *out)
{
    char *end;
    while (s->rest.len && (end = memchr(s->rest.data, '\n', s->rest.len))) {
        size_t len = (size_t)(end - s->rest.data);
        bool fits = take_line((struct str){s->rest.data, len}, id, out);
        buffer_drop_front(&s->rest, len + 1);
        if (fits)
            return true;
    }
    return false;
}

bool server_answer(struct server *s, unsigned long id, unsigned ms, struct buffer *out)
{
    char bytes[65536];
    uint64_t end = now_ms() + ms;
    while (!look(s, id, out)) {
        uint64_t now = now_ms();
        struct pollfd fd = {s->out, POLLIN, 0};
        if (now >= end || poll(&fd, 1, (int)(end - now)) <= 0)
            return false;
        ssize_t n = read(s->out, bytes, sizeof(bytes));
        if (n <= 0)
            return false;
        buffer_add(&s->rest, bytes, (size_t)n);
    }
    return true;
}

static bool is_helper(pid_t pid)
{
    char path[64], name[64] = "";
    snprintf(path, sizeof(path), "/proc/%d/comm", (int)pid);
    FILE *file = fopen(path, "re");
    if (!file)
        return false;
    bool read = fgets(name, sizeof(name), file) != NULL;
    fclose(file);
    return read && strncmp(name, "hexmcp-plugin-h", 15) == 0;
}

pid_t server_helper(const struct server *s)
{
    char path[96];
    int pid, found = 0;
    snprintf(path, sizeof(path), "/proc/%d/task/%d/children", (int)s->pid, (int)s->pid);
    FILE *file = fopen(path, "re");
    while (file && !found && fscanf(file, "%d", &pid) == 1)
        if (is_helper(pid))
            found = pid;
    if (file)
        fclose(file);
    return found;
}

bool server_lives(const struct server *s)
{
    int status;
    return waitpid(s->pid, &status, WNOHANG) == 0;
}
