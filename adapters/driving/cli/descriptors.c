#include "adapters/driving/cli/descriptors.h"

#include <fcntl.h>
#include <unistd.h>

#include "adapters/driving/cli/command.h"

void descriptors_fill(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 &&
            open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(EXIT_INTERNAL);
}
