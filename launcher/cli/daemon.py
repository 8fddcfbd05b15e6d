from launcher.knock import request as request
