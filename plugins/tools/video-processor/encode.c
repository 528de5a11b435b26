/*
 * SPDX-License-Identifier: MIT
 */
#include "encode.h"

#include <errno.h>
#include <libavutil/pixdesc.h>
#include <libswscale/swscale.h>
#include <string.h>

#include "tone.h"

static AVFrame *make_frame(int width, int height, enum AVPixelFormat format)
{
    AVFrame *frame = av_frame_alloc();
    if (!frame)
        return NULL;
    frame->width = width;
    frame->height = height;
    frame->format = format;
    if (av_frame_get_buffer(frame, 0) < 0)
        av_frame_free(&frame);
    return frame;
}

/* Which colours the numbers of a video mean: as it says, else as players guess by the size. */
static void set_colours(struct SwsContext *scaler, const AVFrame *from)
{
    const AVPixFmtDescriptor *format = av_pix_fmt_desc_get((enum AVPixelFormat)from->format);
    int space = (int)from->colorspace;
    if (!format || format->flags & AV_PIX_FMT_FLAG_RGB)
        return;
    if (space == AVCOL_SPC_UNSPECIFIED)
        space = from->width >= 1280 || from->height >= 720 ? AVCOL_SPC_BT709 : AVCOL_SPC_SMPTE170M;
    bool full = from->color_range == AVCOL_RANGE_JPEG || strncmp(format->name, "yuvj", 4) == 0;
    sws_setColorspaceDetails(scaler, sws_getCoefficients(space), full,
                             sws_getCoefficients(SWS_CS_DEFAULT), 1, 0, 1 << 16, 1 << 16);
}

static AVFrame *scale(const AVFrame *from, int width, int height, enum AVPixelFormat format)
{
    AVFrame *to = make_frame(width, height, format);
    struct SwsContext *scaler =
        sws_getContext(from->width, from->height, (enum AVPixelFormat)from->format, width, height,
                       format, SWS_BICUBIC, NULL, NULL, NULL);
    int lines = -1;
    if (scaler)
        set_colours(scaler, from);
    if (scaler && to)
        lines = sws_scale(scaler, (const uint8_t *const *)from->data, from->linesize, 0, from->height,
                          to->data, to->linesize);
    sws_freeContext(scaler);
    if (lines < 0)
        av_frame_free(&to);
    return to;
}

/* Where the pixel at x, y of the turned picture comes from. */
static const uint8_t *pixel_before(const AVFrame *from, int rotation, int x, int y)
{
    int wide = from->width - 1, high = from->height - 1;
    int column = rotation == 90 ? y : rotation == 180 ? wide - x : rotation == 270 ? wide - y : x;
    int row = rotation == 90 ? high - x : rotation == 180 ? high - y : rotation == 270 ? x : y;
    return from->data[0] + (ptrdiff_t)row * from->linesize[0] + (ptrdiff_t)column * 3;
}

static AVFrame *turn(const AVFrame *from, int rotation)
{
    bool lies = rotation % 180 != 0;
    AVFrame *to = make_frame(lies ? from->height : from->width, lies ? from->width : from->height,
                             AV_PIX_FMT_RGB24);
    for (int y = 0; to && y < to->height; y++) {
        uint8_t *row = to->data[0] + (ptrdiff_t)y * to->linesize[0];
        for (int x = 0; x < to->width; x++)
            memcpy(row + (ptrdiff_t)x * 3, pixel_before(from, rotation, x, y), 3);
    }
    return to;
}

static int write_frame(const AVFrame *frame, const struct shape *shape, AVPacket *packet)
{
    const AVCodec *encoder =
        avcodec_find_encoder(shape->quality ? AV_CODEC_ID_MJPEG : AV_CODEC_ID_PNG);
    AVCodecContext *codec = encoder ? avcodec_alloc_context3(encoder) : NULL;
    if (!codec)
        return AVERROR_ENCODER_NOT_FOUND;
    codec->width = frame->width;
    codec->height = frame->height;
    codec->pix_fmt = (enum AVPixelFormat)frame->format;
    codec->time_base = (AVRational){1, 1};
    codec->thread_count = 1;
    codec->color_range = AVCOL_RANGE_JPEG;
    if (shape->quality) { /* of FFmpeg 31 is the worst and 2 the best that makes sense */
        codec->flags |= AV_CODEC_FLAG_QSCALE;
        codec->global_quality = FF_QP2LAMBDA * (2 + (100 - shape->quality) * 29 / 99);
    }
    int code = avcodec_open2(codec, encoder, NULL);
    if (code >= 0)
        code = avcodec_send_frame(codec, frame);
    if (code >= 0)
        code = avcodec_send_frame(codec, NULL);
    if (code >= 0)
        code = avcodec_receive_packet(codec, packet);
    avcodec_free_context(&codec);
    return code;
}

static int write_all(AVFrame *upright, const struct shape *shape, struct bytes *bytes)
{
    AVPacket *packet = av_packet_alloc();
    int code = AVERROR(ENOMEM);
    if (packet) {
        upright->pts = 0;
        upright->quality = shape->quality ? FF_QP2LAMBDA * (2 + (100 - shape->quality) * 29 / 99) : 0;
        code = write_frame(upright, shape, packet);
    }
    if (code >= 0 && !bytes_add(bytes, packet->data, (size_t)packet->size))
        code = AVERROR(ENOMEM);
    av_packet_free(&packet);
    return code;
}

/* The frame in the end is the caller's, whatever was needed on the way is freed. */
static AVFrame *replace(AVFrame *old, AVFrame *with)
{
    av_frame_free(&old);
    return with;
}

/* As ordinary screens show it. */
static AVFrame *to_rgb(const AVFrame *frame, int width, int height)
{
    if (!tone_is_hdr(frame->color_trc))
        return scale(frame, width, height, AV_PIX_FMT_RGB24);
    AVFrame *deep = scale(frame, width, height, AV_PIX_FMT_RGB48);
    AVFrame *picture = deep ? make_frame(width, height, AV_PIX_FMT_RGB24) : NULL;
    if (picture && !tone_map(deep, frame->color_trc, picture))
        av_frame_free(&picture);
    av_frame_free(&deep);
    return picture;
}

int encode(const AVFrame *frame, const struct shape *shape, struct bytes *bytes)
{
    bool lies = shape->rotation % 180 != 0;
    AVFrame *picture = to_rgb(frame, lies ? shape->height : shape->width,
                              lies ? shape->width : shape->height);
    if (picture && shape->rotation)
        picture = replace(picture, turn(picture, shape->rotation));
    if (picture && shape->quality)
        picture = replace(picture, scale(picture, picture->width, picture->height, AV_PIX_FMT_YUVJ420P));
    if (!picture)
        return AVERROR(ENOMEM);
    int code = write_all(picture, shape, bytes);
    av_frame_free(&picture);
    return code;
}
