/* What a plugin can do without any grant, and in folders that it was granted. */
#include "tests/adapters/plugin_host/sandbox/stage.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/random.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <uv.h>

static void *count_up(void *total)
{
    for (int i = 0; i < 1000; i++)
        __atomic_fetch_add((int *)total, 1, __ATOMIC_RELAXED);
    return NULL;
}

static int threads(const struct stage *stage)
{
    pthread_t all[8];
    int total = 0;
    (void)stage;
    for (int i = 0; i < 8; i++)
        MUST(pthread_create(&all[i], NULL, count_up, &total) == 0);
    for (int i = 0; i < 8; i++)
        MUST(pthread_join(all[i], NULL) == 0);
    MUST(total == 8000);
    return 0;
}

static void *wait_for_ever(void *nothing)
{
    (void)nothing;
    for (;;)
        pause();
    return NULL;
}

static int cancelled_thread(const struct stage *stage)
{
    pthread_t thread;
    void *result;
    (void)stage;
    MUST(pthread_create(&thread, NULL, wait_for_ever, NULL) == 0);
    MUST(pthread_cancel(thread) == 0);
    MUST(pthread_join(thread, &result) == 0);
    MUST(result == PTHREAD_CANCELED);
    return 0;
}

static int memory(const struct stage *stage)
{
    (void)stage;
    for (size_t size = 16; size <= (size_t)64 << 20; size *= 4) {
        char *block = malloc(size);
        MUST(block);
        block[size - 1] = 1;
        block = realloc(block, size * 2);
        MUST(block);
        free(block);
    }
    return 0;
}

/* As a just-in-time compiler does it. */
static int code_made_at_run_time(const struct stage *stage)
{
#if defined(__x86_64__)
    const unsigned char code[] = {0xb8, 42, 0, 0, 0, 0xc3}; /* mov eax, 42; ret */
#elif defined(__aarch64__)
    const unsigned char code[] = {0x40, 0x05, 0x80, 0x52, 0xc0, 0x03, 0x5f, 0xd6};
#endif
    int (*function)(void);
    (void)stage;
    void *page = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    MUST(page != MAP_FAILED);
    memcpy(page, code, sizeof(code));
    MUST(mprotect(page, 4096, PROT_READ | PROT_EXEC) == 0);
    __builtin___clear_cache(page, (char *)page + sizeof(code));
    memcpy(&function, &page, sizeof(function));
    MUST(function() == 42);
    return 0;
}

static int reads_where_it_may(const struct stage *stage)
{
    char text[8] = "";
    struct stat st;
    int fd = open(stage_path(stage, "allowed/hello.txt"), O_RDONLY);
    MUST(fd >= 0);
    MUST(read(fd, text, sizeof(text)) == 5 && strcmp(text, "hello") == 0);
    MUST(fstat(fd, &st) == 0 && st.st_size == 5);
    MUST(mmap(NULL, 5, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0) != MAP_FAILED);
    DIR *folder = opendir(stage->allowed);
    MUST(folder && readdir(folder));
    return 0;
}

static int writes_where_it_may(const struct stage *stage)
{
    const char *new = stage_path(stage, "writable/new.txt");
    const char *folder = stage_path(stage, "writable/folder");
    const char *moved = stage_path(stage, "writable/folder/moved.txt");
    int fd = open(new, O_RDWR | O_CREAT | O_EXCL, 0600);
    MUST(fd >= 0 && write(fd, "text", 4) == 4);
    MUST(ftruncate(fd, 2) == 0 && truncate(new, 1) == 0 && fsync(fd) == 0);
    MUST(mkdir(folder, 0700) == 0);
    MUST(rename(new, moved) == 0);
    MUST(unlink(moved) == 0 && rmdir(folder) == 0);
    return 0;
}

static int event_descriptors(const struct stage *stage)
{
    struct itimerspec soon = {.it_value = {.tv_nsec = 1000}};
    struct epoll_event event = {.events = EPOLLIN};
    int poller = epoll_create1(EPOLL_CLOEXEC), timer = timerfd_create(CLOCK_MONOTONIC, 0);
    int events = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    uint64_t value = 7;
    (void)stage;
    MUST(poller >= 0 && timer >= 0 && events >= 0);
    MUST(timerfd_settime(timer, 0, &soon, NULL) == 0);
    MUST(epoll_ctl(poller, EPOLL_CTL_ADD, timer, &event) == 0);
    MUST(epoll_wait(poller, &event, 1, 10000) == 1);
    MUST(write(events, &value, sizeof(value)) == sizeof(value));
    struct pollfd waited = {events, POLLIN, 0};
    MUST(poll(&waited, 1, 10000) == 1);
    MUST(read(events, &value, sizeof(value)) == sizeof(value) && value == 7);
    return 0;
}

static int sealed_memory(const struct stage *stage)
{
    const int seals = F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE;
    int fd = memfd_create("payload", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    (void)stage;
    MUST(fd >= 0 && write(fd, "payload", 7) == 7);
    MUST(fcntl(fd, F_ADD_SEALS, seals) == 0);
    MUST(fcntl(fd, F_GET_SEALS) == seals);
    MUST(mmap(NULL, 7, PROT_READ, MAP_SHARED, fd, 0) != MAP_FAILED);
    return 0;
}

static int time_and_chance(const struct stage *stage)
{
    struct timespec now, short_while = {.tv_nsec = 1000};
    struct tm parts;
    char bytes[16];
    (void)stage;
    MUST(clock_gettime(CLOCK_REALTIME, &now) == 0);
    MUST(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now) == 0);
    MUST(nanosleep(&short_while, NULL) == 0);
    MUST(localtime_r(&now.tv_sec, &parts));
    MUST(getrandom(bytes, sizeof(bytes), 0) == sizeof(bytes));
    return 0;
}

static volatile sig_atomic_t seen;

static void note(int number)
{
    seen = number;
}

static int own_signals(const struct stage *stage)
{
    sigset_t set, before;
    (void)stage;
    MUST(signal(SIGUSR1, note) != SIG_ERR);
    MUST(kill(getpid(), SIGUSR1) == 0 && seen == SIGUSR1);
    seen = 0;
    MUST(pthread_kill(pthread_self(), SIGUSR1) == 0 && seen == SIGUSR1);
    seen = 0;
    MUST(sigqueue(getpid(), SIGUSR1, (union sigval){0}) == 0 && seen == SIGUSR1);
    sigfillset(&set);
    MUST(sigprocmask(SIG_SETMASK, &set, &before) == 0);
    MUST(sigprocmask(SIG_SETMASK, NULL, &set) == 0);
    MUST(sigismember(&set, SIGUSR1) == 1 && sigismember(&set, SIGSYS) == 0);
    MUST(sigismember(&before, SIGUSR1) == 0);
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    int fd = signalfd(-1, &set, SFD_CLOEXEC);
    struct signalfd_siginfo info;
    MUST(fd >= 0 && raise(SIGUSR2) == 0);
    MUST(read(fd, &info, sizeof(info)) == sizeof(info) && info.ssi_signo == SIGUSR2);
    return 0;
}

static int pair_of_sockets(const struct stage *stage)
{
    int stream[2], packets[2], pipes[2];
    char byte;
    (void)stage;
    MUST(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, stream) == 0);
    MUST(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, packets) == 0);
    MUST(pipe2(pipes, O_CLOEXEC) == 0);
    MUST(send(stream[0], "x", 1, 0) == 1 && recv(stream[1], &byte, 1, 0) == 1 && byte == 'x');
    MUST(send(packets[0], "y", 1, 0) == 1 && recv(packets[1], &byte, 1, 0) == 1 && byte == 'y');
    MUST(shutdown(stream[0], SHUT_WR) == 0 && recv(stream[1], &byte, 1, 0) == 0);
    return 0;
}

static void do_work(uv_work_t *work)
{
    *(int *)work->data += 1;
}

static void on_timer(uv_timer_t *timer)
{
    *(int *)timer->data += 10;
    uv_close((uv_handle_t *)timer, NULL);
}

static int loop_of_libuv(const struct stage *stage)
{
    uv_loop_t loop;
    uv_work_t work;
    uv_timer_t timer;
    int done = 0;
    (void)stage;
    work.data = timer.data = &done;
    MUST(uv_loop_init(&loop) == 0);
    MUST(uv_queue_work(&loop, &work, do_work, NULL) == 0);
    MUST(uv_timer_init(&loop, &timer) == 0 && uv_timer_start(&timer, on_timer, 1, 0) == 0);
    MUST(uv_run(&loop, UV_RUN_DEFAULT) == 0);
    MUST(uv_loop_close(&loop) == 0 && done == 11);
    return 0;
}

static int has_no_privileges(const struct stage *stage)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct data[2], none[2] = {{0}, {0}};
    (void)stage;
    MUST(syscall(SYS_capget, &header, data) == 0);
    MUST(memcmp(data, none, sizeof(data)) == 0);
    MUST(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
    MUST(prctl(PR_GET_DUMPABLE, 0, 0, 0, 0) == 0);
    return 0;
}

static const struct work works[] = {
    {"threads", threads},
    {"a thread that is cancelled", cancelled_thread},
    {"memory", memory},
    {"code made at run time", code_made_at_run_time},
    {"reading in a granted folder", reads_where_it_may},
    {"writing in a granted folder", writes_where_it_may},
    {"epoll, eventfd, timerfd and poll", event_descriptors},
    {"sealed memory files", sealed_memory},
    {"time and random bytes", time_and_chance},
    {"signals to itself", own_signals},
    {"pairs of sockets and pipes", pair_of_sockets},
    {"libuv", loop_of_libuv},
    {"no privileges are left", has_no_privileges},
};

int main(void)
{
    return stage_works("works", works, sizeof(works) / sizeof(works[0]));
}
