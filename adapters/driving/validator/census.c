#include "adapters/driving/validator/census.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

static unsigned entries(const char *folder)
{
    DIR *dir = opendir(folder);
    unsigned count = 0;
    while (dir && readdir(dir))
        count++;
    if (dir)
        closedir(dir);
    return count > 2 ? count - 2 : 0; /* "." and ".." */
}

struct census census_take(void)
{
    struct census c = {.threads = entries("/proc/self/task"),
                       .descriptors = entries("/proc/self/fd")};
    FILE *file = fopen("/proc/self/statm", "re");
    unsigned long size, resident = 0;
    if (file && fscanf(file, "%lu %lu", &size, &resident) == 2)
        c.resident_kib = resident * (unsigned long)sysconf(_SC_PAGESIZE) / 1024;
    if (file)
        fclose(file);
    return c;
}

unsigned census_settle(unsigned threads)
{
    unsigned now = census_take().threads;
    for (int i = 0; i < 100 && now > threads; i++) {
        usleep(2000);
        now = census_take().threads;
    }
    return now;
}

void census_describe(int fd, char *out, size_t size)
{
    char link[64];
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    ssize_t len = readlink(link, out, size - 1);
    out[len > 0 ? len : 0] = '\0';
}
