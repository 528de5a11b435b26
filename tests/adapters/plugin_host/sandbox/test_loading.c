/* Libraries are loaded and descriptors arrive in the sandbox, and its end can be seen. */
#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/socket.h>

static int copy_passenger(const struct stage *stage)
{
    char block[4096];
    ssize_t size = 0;
    int from = open(PASSENGER, O_RDONLY);
    int to = open(stage_path(stage, "allowed/plugin.so"), O_WRONLY | O_CREAT, 0700);
    assert_true(from >= 0 && to >= 0);
    while ((size = read(from, block, sizeof(block))) > 0)
        assert_int_equal(write(to, block, (size_t)size), size);
    close(from);
    close(to);
    return (int)size;
}

static int call_passenger(const char *path)
{
    int (*answer)(double);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    MUST(library);
    void *symbol = dlsym(library, "passenger_answer");
    MUST(symbol);
    memcpy(&answer, &symbol, sizeof(answer));
    MUST(answer(8) == 42);
    return 0;
}

static int loads_by_descriptor(const struct stage *stage)
{
    char path[64];
    int fd = open(stage_path(stage, "allowed/plugin.so"), O_RDONLY | O_CLOEXEC);
    MUST(fd >= 0);
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return call_passenger(path);
}

static int loads_by_path(const struct stage *stage)
{
    return call_passenger(stage_path(stage, "allowed/plugin.so"));
}

static int opens_socket_without_signals(const struct stage *stage)
{
    int (*block)(void);
    void *library = dlopen(stage_path(stage, "allowed/plugin.so"), RTLD_NOW | RTLD_LOCAL);
    MUST(library);
    void *symbol = dlsym(library, "passenger_blocks_signals");
    MUST(symbol);
    memcpy(&block, &symbol, sizeof(block));
    MUST(block() == 0);
    return TRY(socket(AF_INET, SOCK_STREAM, 0));
}

static void preload_mathematics(void)
{
    struct str soname = {"libm.so.6", 9};
    struct error err = {0};
    sandbox_preload(&soname, 1, &err);
    assert_string_equal(err.text, "");
}

static void a_library_is_loaded_in_the_sandbox(void **state)
{
    struct stage *stage = *state;
    copy_passenger(stage);
    stage->before = preload_mathematics;
    stage_expect(stage, loads_by_descriptor);
    stage_expect(stage, loads_by_path);
}

/* It would be killed if the refusal found its signal blocked. */
static void a_library_that_blocks_signals_lives(void **state)
{
    struct stage *stage = *state;
    copy_passenger(stage);
    stage->before = preload_mathematics;
    struct outcome outcome = stage_run(stage, opens_socket_without_signals);
    assert_true(outcome.finished);
    assert_int_equal(outcome.result, EPERM);
    assert_string_equal(outcome.words, "tried to open a network socket");
}

/* What it needs is outside of the folder: without the preloading it is not found. */
static void what_a_library_needs_is_loaded_before(void **state)
{
    struct stage *stage = *state;
    copy_passenger(stage);
    struct outcome outcome = stage_run(stage, loads_by_path);
    assert_true(outcome.finished);
    assert_int_not_equal(outcome.result, 0);
    static const struct str libraries = {"libraries", 9};
    stage->system = &libraries;
    stage->system_count = 1;
    stage_expect(stage, loads_by_path);
}

static int send_descriptor(int through, int fd)
{
    char byte = 'd', control[CMSG_SPACE(sizeof(int))] = "";
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
                             .msg_controllen = sizeof(control)};
    struct cmsghdr *header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(sizeof(int));
    memcpy(CMSG_DATA(header), &fd, sizeof(fd));
    return sendmsg(through, &message, MSG_NOSIGNAL) == 1 ? 0 : -1;
}

static int receive_descriptor(int through)
{
    char byte, control[CMSG_SPACE(sizeof(int))];
    struct iovec part = {&byte, 1};
    struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1, .msg_control = control,
                             .msg_controllen = sizeof(control)};
    int fd = -1;
    if (recvmsg(through, &message, MSG_CMSG_CLOEXEC) == 1 && CMSG_FIRSTHDR(&message))
        memcpy(&fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(fd));
    return fd;
}

/* It reads a file that it could not open, and sends a memory file back. */
static int exchanges_descriptors(const struct stage *stage)
{
    char text[8] = "";
    int given = receive_descriptor(stage->pair[0]);
    MUST(given >= 0);
    MUST(read(given, text, sizeof(text)) == 6 && strcmp(text, "secret") == 0);
    int made = memfd_create("answer", MFD_CLOEXEC);
    MUST(made >= 0 && write(made, "answer", 6) == 6);
    MUST(send_descriptor(stage->pair[0], made) == 0);
    return 0;
}

static void descriptors_are_exchanged(void **state)
{
    struct stage *stage = *state;
    char text[8] = "";
    assert_int_equal(send_descriptor(stage->pair[1], stage->secret), 0);
    stage_expect(stage, exchanges_descriptors);
    int made = receive_descriptor(stage->pair[1]);
    assert_true(made >= 0);
    assert_int_equal(pread(made, text, sizeof(text), 0), 6);
    assert_string_equal(text, "answer");
    close(made);
}

static int aborts(const struct stage *stage)
{
    (void)stage;
    abort();
}

static void abort_ends_it(void **state)
{
    struct outcome outcome = stage_run(*state, aborts);
    assert_false(outcome.finished);
    assert_int_equal(outcome.signal, SIGABRT);
    assert_string_equal(outcome.words, "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_library_is_loaded_in_the_sandbox, stage_setup, 
                                        stage_teardown),
        cmocka_unit_test_setup_teardown(a_library_that_blocks_signals_lives, stage_setup,
                                        stage_teardown),
        cmocka_unit_test_setup_teardown(what_a_library_needs_is_loaded_before, stage_setup,
                                        stage_teardown),
        cmocka_unit_test_setup_teardown(descriptors_are_exchanged, stage_setup, stage_teardown),
        cmocka_unit_test_setup_teardown(abort_ends_it, stage_setup, stage_teardown),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
