#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <ftw.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>

static void write_file(const char *path, const char *text)
{
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

const char *stage_path(const struct stage *stage, const char *name)
{
    static char paths[4][STAGE_PATH * 2];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof(paths[0]), "%s/%s", stage->root, name);
    return path;
}

static void make_folders(struct stage *stage)
{
    snprintf(stage->root, sizeof(stage->root), "/tmp/hexmcp-sandbox-XXXXXX");
    assert_non_null(mkdtemp(stage->root));
    strcpy(stage->allowed, stage_path(stage, "allowed"));
    strcpy(stage->writable, stage_path(stage, "writable"));
    strcpy(stage->beside, stage_path(stage, "beside.txt"));
    assert_int_equal(mkdir(stage->allowed, 0700), 0);
    assert_int_equal(mkdir(stage->writable, 0700), 0);
    write_file(stage_path(stage, "allowed/hello.txt"), "hello");
    write_file(stage_path(stage, "writable/mine.txt"), "mine");
    write_file(stage->beside, "secret");
    assert_int_equal(symlink("../beside.txt", stage_path(stage, "allowed/out")), 0);
}

static void start_victim(struct stage *stage)
{
    int ready[2];
    char byte;
    assert_int_equal(pipe(ready), 0);
    stage->victim = fork();
    assert_true(stage->victim >= 0);
    if (stage->victim == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_PTRACER, PR_SET_PTRACER_ANY);
        close(ready[0]);
        close(ready[1]);
        for (;;)
            pause();
    }
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 0);
    close(ready[0]);
}

static void open_sockets(struct stage *stage)
{
    socklen_t size = sizeof(stage->address);
    stage->address = (struct sockaddr_in){.sin_family = AF_INET,
                                          .sin_addr = {htonl(INADDR_LOOPBACK)}};
    stage->listener = socket(AF_INET, SOCK_STREAM, 0);
    assert_int_equal(bind(stage->listener, (struct sockaddr *)&stage->address, size), 0);
    assert_int_equal(listen(stage->listener, 8), 0);
    assert_int_equal(getsockname(stage->listener, (struct sockaddr *)&stage->address, &size), 0);
    stage->loose = socket(AF_INET, SOCK_STREAM, 0);
    stage->loose_unix = socket(AF_UNIX, SOCK_STREAM, 0);
    stage->secret = open(stage->beside, O_RDONLY);
    assert_true(stage->loose >= 0 && stage->loose_unix >= 0 && stage->secret >= 0);
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, stage->pair), 0);
}

void stage_forget_loader(void)
{
    unsetenv("LD_LIBRARY_PATH");
}

int stage_setup(void **state)
{
    stage_forget_loader();
    struct stage *stage = calloc(1, sizeof(*stage));
    stage->memory_bytes = (uint64_t)512 << 20;
    make_folders(stage);
    start_victim(stage);
    open_sockets(stage);
    *state = stage;
    return 0;
}

static int remove_one(const char *path, const struct stat *st, int kind, struct FTW *walk)
{
    (void)st;
    (void)kind;
    (void)walk;
    return remove(path);
}

int stage_teardown(void **state)
{
    struct stage *stage = *state;
    int fds[] = {stage->listener, stage->loose,   stage->loose_unix,
                 stage->secret,   stage->pair[0], stage->pair[1]};
    kill(stage->victim, SIGKILL);
    waitpid(stage->victim, NULL, 0);
    for (size_t i = 0; i < sizeof(fds) / sizeof(fds[0]); i++)
        close(fds[i]);
    nftw(stage->root, remove_one, 8, FTW_DEPTH | FTW_PHYS);
    free(stage);
    return 0;
}

static int enter(const struct stage *stage, int results, int report_fd, struct outcome *outcome)
{
    const char *read[] = {stage->allowed}, *write[] = {stage->writable};
    size_t skipped = stage->no_standard ? 3 : 0;
    int keep[] = {0, 1, 2, results, stage->loose, stage->pair[0], stage->loose_unix};
    struct sandbox_plan plan = {
        .read = read,
        .read_count = 1,
        .write = write,
        .write_count = 1,
        .system = stage->system,
        .system_count = stage->system_count,
        .keep = keep + skipped,
        .keep_count = sizeof(keep) / sizeof(keep[0]) - skipped,
        .memory_bytes = stage->memory_bytes,
        .file_bytes = stage->file_bytes,
        .stack_bytes = stage->stack_bytes,
        .descriptors = stage->descriptors,
        .strict = stage->strict,
        .report_fd = report_fd,
    };
    int rc = sandbox_preload(NULL, 0, &outcome->error);
    if (rc < 0)
        return rc;
    return sandbox_enter(&plan, &outcome->report, &outcome->error);
}

/* The test library catches them, to go on with the next test. */
static void let_crashes_be(void)
{
    const int signals[] = {SIGFPE, SIGILL, SIGSEGV, SIGBUS, SIGSYS, SIGABRT};
    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        signal(signals[i], SIG_DFL);
}

static void act_in_child(const struct stage *stage, stage_act act, int results, int report_fd)
{
    struct outcome outcome;
    memset(&outcome, 0, sizeof(outcome));
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    let_crashes_be();
    if (stage->before)
        stage->before();
    if (!stage->outside)
        outcome.entered = enter(stage, results, report_fd, &outcome);
    if (write(results, &outcome, sizeof(outcome)) != sizeof(outcome))
        _exit(99);
    if (outcome.entered == ST_OK) {
        outcome.result = act(stage);
        outcome.finished = true;
        if (write(results, &outcome, sizeof(outcome)) != sizeof(outcome))
            _exit(98);
    }
    _exit(0);
}

static void read_records(int fd, struct outcome *outcome)
{
    struct sandbox_denied denied;
    while (read(fd, &denied, sizeof(denied)) == sizeof(denied))
        if (outcome->denied_count++ == 0) {
            outcome->denied = denied;
            sandbox_denied_text(&denied, outcome->words, sizeof(outcome->words));
        }
}

struct outcome stage_run(const struct stage *stage, stage_act act)
{
    struct outcome outcome, last;
    int results[2], records[2], status;
    memset(&outcome, 0, sizeof(outcome));
    assert_int_equal(pipe(results), 0);
    assert_int_equal(pipe(records), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        close(results[0]);
        close(records[0]);
        act_in_child(stage, act, results[1], records[1]);
    }
    close(results[1]);
    close(records[1]);
    while (read(results[0], &last, sizeof(last)) == sizeof(last))
        outcome = last;
    read_records(records[0], &outcome);
    close(results[0]);
    close(records[0]);
    assert_int_equal(waitpid(child, &status, 0), child);
    outcome.exit_code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return outcome;
}

void stage_expect(const struct stage *stage, stage_act act)
{
    struct outcome inside = stage_run(stage, act);
    assert_string_equal(inside.error.text, "");
    assert_int_equal(inside.signal, 0);
    assert_true(inside.finished);
    assert_int_equal(inside.result, 0);
    assert_string_equal(inside.words, "");
}

/* What a test of a table begins with: its row, and then the stage too. */
struct scene {
    const void *row;
    void *stage;
};

static int scene_setup(void **state)
{
    struct scene *scene = malloc(sizeof(*scene));
    scene->row = *state;
    *state = scene;
    return stage_setup(&scene->stage);
}

static int scene_teardown(void **state)
{
    struct scene *scene = *state;
    stage_teardown(&scene->stage);
    free(scene);
    return 0;
}

/* Without the sandbox the act must end in another way, or without a record. Where the machine itself
 * refuses it and nothing can be told apart, the test says so. */
static void check_control(const struct attack *attack, struct outcome control)
{
    assert_true(control.finished || control.exit_code == 0); /* it may have become a program */
    assert_int_equal(control.denied_count, 0);
    if (attack->control != CONTROL_DIFFERS && control.result == attack->control)
        return;
    if (control.result == attack->refused && !attack->words)
        LEAVE_OUT("%s: this machine refuses it without the sandbox too", attack->name);
    if (attack->control != CONTROL_DIFFERS && control.result != EPERM)
        assert_int_equal(control.result, attack->control);
}

static void check_attack(void **state)
{
    const struct scene *scene = *state;
    const struct attack *attack = scene->row;
    struct stage *stage = scene->stage;
    struct outcome inside = stage_run(stage, attack->act);
    if (inside.report.landlock_abi < attack->landlock)
        LEAVE_OUT("%s: this kernel's Landlock is of revision %d, the test takes %d",
                      attack->name, inside.report.landlock_abi, attack->landlock);
    assert_string_equal(inside.error.text, "");
    assert_int_equal(inside.signal, 0);
    assert_true(inside.finished);
    assert_int_equal(inside.result, attack->refused);
    assert_string_equal(inside.words, attack->words ? attack->words : "");
    stage->outside = true;
    check_control(attack, stage_run(stage, attack->act));
}

static void check_work(void **state)
{
    const struct scene *scene = *state;
    stage_expect(scene->stage, ((const struct work *)scene->row)->act);
}

static int run_table(const char *group, struct CMUnitTest *tests, size_t count, CMUnitTestFunction run)
{
    cmocka_set_message_output(CM_OUTPUT_TAP);
    for (size_t i = 0; i < count; i++) {
        tests[i].test_func = run;
        tests[i].setup_func = scene_setup;
        tests[i].teardown_func = scene_teardown;
    }
    int failed = _cmocka_run_group_tests(group, tests, count, NULL, NULL);
    free(tests);
    return failed;
}

int stage_attacks(const char *group, const struct attack *attacks, size_t count)
{
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));
    for (size_t i = 0; i < count; i++) {
        tests[i].name = attacks[i].name;
        tests[i].initial_state = (void *)(uintptr_t)&attacks[i];
    }
    return run_table(group, tests, count, check_attack);
}

int stage_works(const char *group, const struct work *works, size_t count)
{
    struct CMUnitTest *tests = calloc(count, sizeof(*tests));
    for (size_t i = 0; i < count; i++) {
        tests[i].name = works[i].name;
        tests[i].initial_state = (void *)(uintptr_t)&works[i];
    }
    return run_table(group, tests, count, check_work);
}
