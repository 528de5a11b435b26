#include "adapters/driving/validator/rerun.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/buffer.h"

#define REPORT_MAX ((size_t)4 << 20)

static void be_validator(struct trial *t, int out, const char *preload, const char *only,
                         const char *binary)
{
    char level[8], seed[32];
    const char *arguments[20] = {"hexmcp-plugin-validator",
                                 t->subject->path,
                                 "--json",
                                 "--within",
                                 "--only",
                                 only,
                                 "--binary",
                                 binary,
                                 "--level",
                                 level,
                                 "--seed",
                                 seed};
    size_t count = 12;
    if (t->options->quick)
        arguments[count] = "--quick";
    snprintf(level, sizeof(level), "%d", LEVEL_MAX);
    snprintf(seed, sizeof(seed), "%llu", (unsigned long long)t->options->seed);
    char *environment[] = {NULL,
                           "PATH=/usr/bin:/bin",
                           "LANG=C.UTF-8",
                           "ASAN_OPTIONS=detect_leaks=0:abort_on_error=1",
                           "UBSAN_OPTIONS=halt_on_error=1:abort_on_error=1:print_stacktrace=1",
                           "TSAN_OPTIONS=halt_on_error=1:abort_on_error=1",
                           NULL};
    char variable[4200];
    snprintf(variable, sizeof(variable), "LD_PRELOAD=%s", preload);
    environment[0] = variable;
    dup2(out, STDOUT_FILENO);
    execve("/proc/self/exe", (char *const *)arguments, environment);
    _exit(127);
}

static void read_report(int fd, struct buffer *out)
{
    char bytes[8192];
    ssize_t n;
    while (out->len < REPORT_MAX &&
           ((n = read(fd, bytes, sizeof(bytes))) > 0 || (n < 0 && errno == EINTR)))
        if (n > 0)
            buffer_add(out, bytes, (size_t)n);
}

static void tell_again(struct trial *t, struct json finding, const char *where)
{
    struct buffer text = BUFFER_INIT, place = BUFFER_INIT;
    char all[sizeof(((struct finding *)0)->text)];
    struct json severity = json_get(finding, STR("severity"));
    if (json_is(severity, STR("note")))
        return;
    json_decode(json_get(finding, STR("text")), &text);
    json_decode(json_get(finding, STR("where")), &place);
    snprintf(all, sizeof(all), "%.*s%s%.*s", STR_ARG(buffer_str(&place)), place.len ? ": " : "",
             STR_ARG(buffer_str(&text)));
    board_tell(t->board,
               json_is(severity, STR("warning"))   ? FINDING_WARNING
               : json_is(severity, STR("failure")) ? FINDING_FAILURE
                                                   : FINDING_CRASH,
               where, all);
    buffer_clear(&text);
    buffer_clear(&place);
}

static bool tell_report(struct trial *t, const struct buffer *report, const char *where)
{
    struct json_doc *doc;
    bool made = false;
    if (json_parse(buffer_str(report), &doc, NULL))
        return false;
    struct json_iter check = json_iter(json_get(json_root(doc), STR("checks")));
    while (json_next(&check)) {
        struct json_iter finding = json_iter(json_get(check.value, STR("findings")));
        while (json_next(&finding))
            tell_again(t, finding.value, where);
        if (json_is(json_get(check.value, STR("verdict")), STR("skip")))
            trial_skip(t, "%.*s", STR_ARG(json_text(json_get(check.value, STR("reason")))));
        made = true;
    }
    json_free(doc);
    return made;
}

bool rerun(struct trial *t, const char *preload, const char *only, const char *binary,
           const char *where)
{
    int ends[2], status = 0;
    struct buffer report = BUFFER_INIT;
    trial_step(t, "running the checks %s with %s", only, preload);
    if (pipe(ends) != 0)
        return false;
    pid_t pid = fork();
    if (pid == 0)
        be_validator(t, ends[1], preload, only, binary);
    close(ends[1]);
    if (pid > 0)
        read_report(ends[0], &report);
    close(ends[0]);
    if (pid > 0)
        waitpid(pid, &status, 0);
    bool told = pid > 0 && tell_report(t, &report, where);
    buffer_clear(&report);
    return told;
}
