/* What is known of the terminal behind a descriptor. */
#pragma once

#include <stdbool.h>

/* True if somebody sees what is written there, and it obeys at least the codes that move the cursor
 * within a line. */
bool terminal_can_redraw(int fd);

/* Its width; 0: it is no terminal, or it does not say. */
unsigned terminal_columns(int fd);
