/* The three standard descriptors. */
#pragma once

/* A file that is opened must not get the number of a closed standard descriptor: it would be
 * written to as if it were one, and libuv aborts when it closes such a number. What is opened in
 * their place fails like a closed one: 0 cannot be read, 1 and 2 cannot be written. */
void descriptors_fill(void);
