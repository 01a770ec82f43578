// A picture, or a part of it, in OpenCV's cv::Mat to twice its size. Its pixels are read and written where OpenCV has
// them: a Mat's step is the stride, so that a region of a larger Mat is as good as a whole one.
//
//     opencv_mat photo.jpg large.png
//     opencv_mat photo.jpg large.png 100 50 320 240         (320x240 pixels from 100, 50 on)
#include <slimscale/slimscale.h>
#include <slimscale_model_edsr_small_x2.h>

#include <cstdio>
#include <cstdlib>
#include <opencv2/imgcodecs.hpp>

static void fail(const char *why) {
    std::fprintf(stderr, "opencv_mat: %s\n", why);
    std::exit(1);
}

// OpenCV has blue first.
static slimscale_image image_of(const cv::Mat &mat) {
    slimscale_image image = SLIMSCALE_IMAGE_INIT;
    image.format = mat.channels() == 4 ? SLIMSCALE_BGRA8 : SLIMSCALE_BGR8;
    image.width = mat.cols;
    image.height = mat.rows;
    image.planes[0] = mat.data;
    image.strides[0] = static_cast<ptrdiff_t>(mat.step);
    return image;
}

int main(int argc, char **argv) {
    if (argc != 3 && argc != 7)
        fail("usage: opencv_mat IN OUT [X Y WIDTH HEIGHT]");
    cv::Mat small = cv::imread(argv[1], cv::IMREAD_UNCHANGED);
    if (small.type() != CV_8UC4)
        small = cv::imread(argv[1], cv::IMREAD_COLOR);  // 8 bits, gray as color, turned as a photo's EXIF says
    if (small.empty())
        fail("no picture that OpenCV reads");
    if (argc == 7) {
        const cv::Rect part(std::atoi(argv[3]), std::atoi(argv[4]), std::atoi(argv[5]), std::atoi(argv[6]));
        if (part.area() <= 0 || (part & cv::Rect({0, 0}, small.size())) != part)
            fail("the part is not within the picture");
        small = small(part);  // no copy
    }
    cv::Mat large(2 * small.rows, 2 * small.cols, small.type());

    slimscale_options options = SLIMSCALE_OPTIONS_INIT;
    char why[256] = "";
    options.error_text = why;
    options.error_text_size = sizeof why;
    slimscale_handle *s = nullptr;
    if (slimscale_open(slimscale_model_edsr_small_x2(), &options, &s) != SLIMSCALE_OK)
        fail(why);
    const slimscale_image input = image_of(small), output = image_of(large);
    slimscale_report report = SLIMSCALE_REPORT_INIT;
    if (slimscale_plan(s, small.cols, small.rows) != SLIMSCALE_OK ||
        slimscale_run(s, nullptr, &input, &output, &report) != SLIMSCALE_OK)
        fail(slimscale_error(s));
    std::fprintf(stderr, "%d channels, %.1f ms\n", report.channels, report.actual_ms);
    slimscale_close(s);
    if (!cv::imwrite(argv[2], large))
        fail("the result cannot be written");
    return 0;
}
