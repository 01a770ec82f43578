#include "tests/extras/reports/browser.h"

#include <csignal>
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

namespace slimscale::reports {

using Json = nlohmann::json;

namespace {

constexpr int kPatienceMs = 120000;                   // of one answer, on a busy machine
constexpr int kReadByChild = 3, kWrittenByChild = 4;  // as --remote-debugging-pipe has it

[[noreturn]] void start(const std::string &profile, int reads, int writes) {
    // Out of the way of the numbers that they shall have.
    reads = fcntl(reads, F_DUPFD, 10);
    writes = fcntl(writes, F_DUPFD, 10);
    dup2(reads, kReadByChild);
    dup2(writes, kWrittenByChild);
    const int nothing = open("/dev/null", O_RDWR);
    dup2(nothing, STDOUT_FILENO);
    dup2(nothing, STDERR_FILENO);
    const std::string folder = "--user-data-dir=" + profile;
    execlp("chromium", "chromium", "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
           "--remote-debugging-pipe", folder.c_str(), "about:blank", nullptr);
    _exit(127);
}

}  // namespace

bool Browser::is_here() {
    return std::system("command -v chromium >/dev/null 2>&1") == 0;
}

Browser::Browser(const std::string &profile, const std::string &page, int width_px, int height_px) {
    int down[2], up[2];
    if (pipe2(down, O_CLOEXEC) != 0 || pipe2(up, O_CLOEXEC) != 0)
        throw std::runtime_error("no pipe");
    child_ = fork();
    if (child_ == 0)
        start(profile, down[0], up[1]);
    close(down[0]);
    close(up[1]);
    to_ = down[1];
    from_ = up[0];
    signal(SIGPIPE, SIG_IGN);
    const Json target = call("Target.createTarget", {{"url", "about:blank"}});
    session_ = call("Target.attachToTarget", {{"targetId", target["targetId"]}, {"flatten", true}})["sessionId"];
    call("Runtime.enable", Json::object());
    call("Log.enable", Json::object());
    call("Page.enable", Json::object());
    call("Emulation.setDeviceMetricsOverride",
         {{"width", width_px}, {"height", height_px}, {"deviceScaleFactor", 1}, {"mobile", false}});
    call("Page.navigate", {{"url", "file://" + page}});
    while (read_message().value("method", "") != "Page.loadEventFired") {
    }
}

Browser::~Browser() {
    close(to_);
    close(from_);
    kill(child_, SIGTERM);
    waitpid(child_, nullptr, 0);
}

Json Browser::value(const std::string &expression) {
    const Json answer = call("Runtime.evaluate", {{"expression", expression}, {"returnByValue", true}});
    if (answer.contains("exceptionDetails"))
        throw std::runtime_error(answer.dump());
    return answer["result"].value("value", Json());
}

void Browser::press(const std::string &key, int key_code) {
    for (const char *type : {"keyDown", "keyUp"})
        call("Input.dispatchKeyEvent",
             {{"type", type}, {"key", key}, {"code", key}, {"windowsVirtualKeyCode", key_code}});
}

void Browser::drag(double from_x, double from_y, double to_x, double to_y) {
    mouse("mouseMoved", from_x, from_y, 0);
    mouse("mousePressed", from_x, from_y, 1);
    mouse("mouseMoved", to_x, to_y, 1);
    mouse("mouseReleased", to_x, to_y, 0);
}

void Browser::touch(double from_x, double from_y, double to_x, double to_y) {
    const auto event = [this](const char *type, const Json &points) {
        call("Input.dispatchTouchEvent", {{"type", type}, {"touchPoints", points}});
    };
    call("Emulation.setTouchEmulationEnabled", {{"enabled", true}});
    event("touchStart", {{{"x", from_x}, {"y", from_y}}});
    event("touchMove", {{{"x", to_x}, {"y", to_y}}});
    event("touchEnd", Json::array());
}

void Browser::mouse(const char *type, double x, double y, int buttons) {
    call("Input.dispatchMouseEvent",
         {{"type", type}, {"x", x}, {"y", y}, {"button", "left"}, {"buttons", buttons}, {"clickCount", 1}});
}

void Browser::prefer_dark() {
    call("Emulation.setEmulatedMedia", {{"features", {{{"name", "prefers-color-scheme"}, {"value", "dark"}}}}});
}

std::string Browser::picture() {
    return call("Page.captureScreenshot", {{"format", "png"}})["data"];
}

Json Browser::call(const std::string &method, const Json &parameters) {
    Json message = {{"id", ++calls_}, {"method", method}, {"params", parameters}};
    if (!session_.empty())
        message["sessionId"] = session_;
    const std::string text = message.dump();
    const char *rest = text.c_str();
    for (size_t left = text.size() + 1; left > 0;) {  // messages end with a zero
        const ssize_t written = write(to_, rest, left);
        if (written <= 0)
            throw std::runtime_error("Chromium does not listen");
        rest += written;
        left -= static_cast<size_t>(written);
    }
    for (;;) {
        const Json answer = read_message();
        if (answer.value("id", 0) != calls_)
            continue;
        if (answer.contains("error"))
            throw std::runtime_error(method + ": " + answer["error"].dump());
        return answer["result"];
    }
}

Json Browser::read_message() {
    size_t end;
    while ((end = unread_.find('\0')) == std::string::npos) {
        pollfd waiting{from_, POLLIN, 0};
        char buffer[65536];
        const ssize_t got = poll(&waiting, 1, kPatienceMs) > 0 ? read(from_, buffer, sizeof buffer) : 0;
        if (got <= 0)
            throw std::runtime_error("Chromium does not answer");
        unread_.append(buffer, static_cast<size_t>(got));
    }
    const Json message = Json::parse(unread_.substr(0, end));
    unread_.erase(0, end + 1);
    const std::string method = message.value("method", "");
    if (method == "Runtime.exceptionThrown" || method == "Runtime.consoleAPICalled" || method == "Log.entryAdded")
        complaints_.push_back(message.dump());
    return message;
}

}  // namespace slimscale::reports
