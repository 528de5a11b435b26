/* The smallest picture and the smallest sound: one red pixel (69 bytes), four samples (48 bytes). */
#ifndef MEDIA_H
#define MEDIA_H

#define PIXEL_PNG                                                                                \
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAIAAACQd1PeAAAADElEQVR42mP4z8AAAAMBAQD3A0FDAAAAAElFTkSuQmCC"
#define CLICK_WAV "UklGRigAAABXQVZFZm10IBAAAAABAAEAQB8AAEAfAAABAAgAZGF0YQQAAACA/4AA"
#define EIGHT_BYTES "AAECAwQFBgc=" /* 0 to 7 */

#endif
