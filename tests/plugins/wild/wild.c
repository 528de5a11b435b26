/* A plugin that does what it is told: {"what": WORD, "n": NUMBER, "path": TEXT}. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "hexmcp/plugin.h"
#include "hexmcp/simple.h"

/* Where a helper has its connection; hexmcp says nothing of it, so a plugin has to look. */
#define WIRE_FD 3

static int32_t answer(const hexmcp_host *host, hexmcp_call call, const char *text)
{
    return hexmcp_complete_text(host, call, HEXMCP_RESULT, hexmcp_str_from(text));
}

static int32_t answer_errno(const hexmcp_host *host, hexmcp_call call, int failed)
{
    return answer(host, call, failed ? strerror(errno) : "it worked");
}

static int32_t large(const hexmcp_host *host, hexmcp_call call, int64_t bytes)
{
    char *text = malloc((size_t)bytes + 1);
    if (!text)
        return answer(host, call, "out of memory");
    memset(text, 'x', (size_t)bytes);
    int32_t rc = hexmcp_complete_text(host, call, HEXMCP_RESULT,
                                      (hexmcp_str){text, (size_t)bytes});
    free(text);
    return rc;
}

static int start_program(void)
{
    char *const arguments[] = {(char *)"/bin/true", NULL};
    pid_t pid = fork();
    if (pid == 0) {
        execv("/bin/true", arguments);
        _exit(1);
    }
    if (pid < 0)
        return -1;
    return waitpid(pid, NULL, 0) == pid ? 0 : -1;
}

static int32_t print_lines(const hexmcp_host *host, hexmcp_call call, int64_t count)
{
    for (int64_t i = 0; i < count; i++)
        printf("line %d\n", (int)i);
    fflush(stdout);
    return answer(host, call, "printed");
}

static int32_t burn(const hexmcp_host *host, hexmcp_call call, int64_t ms)
{
    struct timespec t;
    do
        clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
    while (t.tv_sec * 1000 + t.tv_nsec / 1000000 < ms);
    return answer(host, call, "burnt");
}

static _Noreturn void hang(void)
{
    for (;;)
        pause();
}

static void die(const char *what, int64_t n)
{
    fprintf(stderr, "the end is near\n");
    if (!strcmp(what, "signal")) {
        signal((int)n, SIG_DFL);
        raise((int)n);
    }
    if (!strcmp(what, "abort"))
        abort();
    if (!strcmp(what, "exit"))
        exit((int)n);
}

static int32_t reach(const hexmcp_host *host, hexmcp_call call, const char *what, const char *path)
{
    if (!strcmp(what, "read"))
        return answer_errno(host, call, open(path, O_RDONLY | O_CLOEXEC) < 0);
    if (!strcmp(what, "write"))
        return answer_errno(host, call, open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600) < 0);
    if (!strcmp(what, "socket"))
        return answer_errno(host, call, socket(AF_INET, SOCK_STREAM, 0) < 0);
    if (!strcmp(what, "program"))
        return answer_errno(host, call, start_program());
    const char *value = getenv(path);
    return answer(host, call, value ? value : "not set");
}

static int32_t act(const hexmcp_host *host, hexmcp_call call, const char *what, int64_t n,
                   const char *path)
{
    static const char garbage[] = "this is no message of hexmcp's";
    if (!strcmp(what, "echo"))
        return large(host, call, n);
    if (!strcmp(what, "print"))
        return print_lines(host, call, n);
    if (!strcmp(what, "hang"))
        hang();
    if (!strcmp(what, "sleep"))
        usleep((useconds_t)n * 1000);
    if (!strcmp(what, "burn"))
        return burn(host, call, n);
    if (!strcmp(what, "garbage"))
        send(WIRE_FD, garbage, sizeof(garbage), MSG_NOSIGNAL);
    if (!strcmp(what, "close"))
        close(WIRE_FD);
    if (!strcmp(what, "pid")) {
        char text[32];
        snprintf(text, sizeof(text), "%d", (int)getpid());
        return answer(host, call, text);
    }
    if (!strcmp(what, "signal") || !strcmp(what, "abort") || !strcmp(what, "exit"))
        die(what, n);
    if (!strcmp(what, "read") || !strcmp(what, "write") || !strcmp(what, "socket") ||
        !strcmp(what, "program") || !strcmp(what, "variable"))
        return reach(host, call, what, path);
    return answer(host, call, "done");
}

static int32_t wild(const hexmcp_host *host, hexmcp_call call, hexmcp_str tool, hexmcp_str args,
                    hexmcp_error *err)
{
    hexmcp_str value;
    char what[32] = "", path[512] = "";
    int64_t n = 0;
    if (tool.len == 6 && memcmp(tool.ptr, "mirror", 6) == 0)
        return host->complete(host->ctx, call, HEXMCP_RESULT, args), HEXMCP_OK;
    (void)err;
    if (hexmcp_json_get(args, "what", &value) == HEXMCP_OK)
        hexmcp_json_string(value, what, sizeof(what), NULL);
    if (hexmcp_json_get(args, "path", &value) == HEXMCP_OK)
        hexmcp_json_string(value, path, sizeof(path), NULL);
    if (hexmcp_json_get(args, "n", &value) == HEXMCP_OK)
        hexmcp_json_int64(value, &n);
    return act(host, call, what, n, path);
}

HEXMCP_SIMPLE_DEFINE("hexmcp.test.wild", "1.0.0", wild);
