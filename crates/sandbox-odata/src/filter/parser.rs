//! Recursive descent over the tokens; `or` binds loosest, then `and`, `not`, comparison.

use super::ast::{Comparison, Expr, Function, Lambda, Literal, Named, Quantifier};
use super::lexer::{Token, TokenKind, tokens};
use crate::MAX_DEPTH;
use crate::error::Error;

/// Most operands one filter may chain; longer text is refused before it can grow a tree that is deep to the left.
const MAX_TOKENS: usize = 2_000;

/// Reads a filter. The tree is not yet held against a type.
pub fn parse(text: &str) -> Result<Expr, Error> {
    let tokens = tokens(text)?;
    if tokens.len() > MAX_TOKENS {
        return Err(Error::TooDeep);
    }
    let mut parser = Parser {
        text,
        tokens,
        next: 0,
        depth: 0,
    };
    let expr = parser.or()?;
    if parser.peek().is_some() {
        return Err(parser.unexpected());
    }
    Ok(expr)
}

struct Parser<'a> {
    text: &'a str,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl Parser<'_> {
    fn peek(&self) -> Option<&TokenKind> {
        self.tokens.get(self.next).map(|token| &token.kind)
    }

    fn take(&mut self) -> Option<TokenKind> {
        let kind = self.tokens.get(self.next).map(|token| token.kind.clone());
        self.next += 1;
        kind
    }

    fn unexpected(&self) -> Error {
        let at = self
            .tokens
            .get(self.next)
            .map_or(self.text.len(), |token| token.at);
        Error::syntax(self.text, at)
    }

    fn eat(&mut self, kind: &TokenKind) -> bool {
        let found = self.peek() == Some(kind);
        self.next += usize::from(found);
        found
    }

    fn expect(&mut self, kind: &TokenKind) -> Result<(), Error> {
        if self.eat(kind) {
            Ok(())
        } else {
            Err(self.unexpected())
        }
    }

    fn eat_word(&mut self, wanted: &str) -> bool {
        let found =
            matches!(self.peek(), Some(TokenKind::Word(word)) if word.eq_ignore_ascii_case(wanted));
        self.next += usize::from(found);
        found
    }

    fn nested<T>(&mut self, read: impl FnOnce(&mut Self) -> Result<T, Error>) -> Result<T, Error> {
        if self.depth >= MAX_DEPTH {
            return Err(Error::TooDeep);
        }
        self.depth += 1;
        let result = read(self);
        self.depth -= 1;
        result
    }

    fn or(&mut self) -> Result<Expr, Error> {
        let mut left = self.and()?;
        while self.eat_word("or") {
            left = Expr::Or(Box::new(left), Box::new(self.and()?));
        }
        Ok(left)
    }

    fn and(&mut self) -> Result<Expr, Error> {
        let mut left = self.not()?;
        while self.eat_word("and") {
            left = Expr::And(Box::new(left), Box::new(self.not()?));
        }
        Ok(left)
    }

    fn not(&mut self) -> Result<Expr, Error> {
        let is_operator = !matches!(
            self.tokens.get(self.next + 1).map(|token| &token.kind),
            Some(TokenKind::Slash)
        );
        if is_operator && self.eat_word("not") {
            return Ok(Expr::Not(Box::new(self.nested(Self::not)?)));
        }
        self.comparison()
    }

    fn comparison(&mut self) -> Result<Expr, Error> {
        let left = self.operand()?;
        let Some(TokenKind::Word(word)) = self.peek() else {
            return Ok(left);
        };
        if word.eq_ignore_ascii_case("in") {
            self.next += 1;
            return Ok(Expr::In(Box::new(left), self.literals()?));
        }
        let Some(operator) = Comparison::parse(word) else {
            return Ok(left);
        };
        self.next += 1;
        let right = self.operand()?;
        Ok(Expr::Compare(operator, Box::new(left), Box::new(right)))
    }

    fn literals(&mut self) -> Result<Vec<Literal>, Error> {
        self.expect(&TokenKind::Open)?;
        let mut literals = Vec::new();
        loop {
            let Some(TokenKind::Literal(literal)) = self.peek().cloned() else {
                return Err(self.unexpected());
            };
            self.next += 1;
            literals.push(literal);
            if self.eat(&TokenKind::Close) {
                return Ok(literals);
            }
            self.expect(&TokenKind::Comma)?;
        }
    }

    fn operand(&mut self) -> Result<Expr, Error> {
        match self.peek() {
            Some(TokenKind::Open) => {
                self.next += 1;
                let inner = self.nested(Self::or)?;
                self.expect(&TokenKind::Close)?;
                Ok(inner)
            }
            Some(TokenKind::Literal(_)) => match self.take() {
                Some(TokenKind::Literal(literal)) => Ok(Expr::Literal(literal)),
                _ => Err(self.unexpected()),
            },
            Some(TokenKind::Word(_)) => self.word(),
            _ => Err(self.unexpected()),
        }
    }

    fn name(&mut self) -> Result<String, Error> {
        let Some(TokenKind::Word(word)) = self.peek().cloned() else {
            return Err(self.unexpected());
        };
        self.next += 1;
        Ok(word)
    }

    fn word(&mut self) -> Result<Expr, Error> {
        let first = self.name()?;
        if self.eat(&TokenKind::Open) {
            return self.call(&first);
        }
        let mut path = vec![first];
        while self.eat(&TokenKind::Slash) {
            let name = self.name()?;
            if self.eat(&TokenKind::Open) {
                return self.lambda(path, &name);
            }
            path.push(name);
        }
        Ok(Expr::Path(path))
    }

    /// What stands between the parentheses of a function with a namespace.
    fn named(&mut self, name: &str) -> Result<Expr, Error> {
        let mut arguments = Vec::new();
        while !self.eat(&TokenKind::Close) {
            if !arguments.is_empty() {
                self.expect(&TokenKind::Comma)?;
            }
            let parameter = self.name()?;
            self.expect(&TokenKind::Equals)?;
            let values = if self.eat(&TokenKind::OpenList) {
                self.list()?
            } else {
                vec![self.literal()?]
            };
            arguments.push((parameter, values));
        }
        let name = name.to_owned();
        Ok(Expr::Named(Named { name, arguments }))
    }

    fn list(&mut self) -> Result<Vec<Literal>, Error> {
        let mut literals = Vec::new();
        while !self.eat(&TokenKind::CloseList) {
            if !literals.is_empty() {
                self.expect(&TokenKind::Comma)?;
            }
            literals.push(self.literal()?);
        }
        Ok(literals)
    }

    fn literal(&mut self) -> Result<Literal, Error> {
        let literal = match self.peek() {
            Some(TokenKind::Literal(literal)) => literal.clone(),
            Some(TokenKind::Quoted(text)) => Literal::Text(text.clone()),
            _ => return Err(self.unexpected()),
        };
        self.next += 1;
        Ok(literal)
    }

    fn call(&mut self, name: &str) -> Result<Expr, Error> {
        if name.contains('.') {
            return self.named(name);
        }
        let function =
            Function::parse(name).ok_or_else(|| Error::UnknownFunction(name.to_owned()))?;
        let mut arguments = vec![self.nested(Self::or)?];
        while self.eat(&TokenKind::Comma) {
            arguments.push(self.nested(Self::or)?);
        }
        self.expect(&TokenKind::Close)?;
        if arguments.len() != function.arity() {
            return Err(self.unexpected());
        }
        Ok(Expr::Call(function, arguments))
    }

    fn lambda(&mut self, path: Vec<String>, name: &str) -> Result<Expr, Error> {
        let quantifier = match name.to_ascii_lowercase().as_str() {
            "any" => Quantifier::Any,
            "all" => Quantifier::All,
            _ => return Err(Error::UnknownFunction(name.to_owned())),
        };
        if quantifier == Quantifier::Any && self.eat(&TokenKind::Close) {
            return Ok(Expr::Lambda(Lambda {
                quantifier,
                path,
                variable: String::new(),
                body: None,
            }));
        }
        let variable = self.name()?;
        self.expect(&TokenKind::Colon)?;
        let body = self.nested(Self::or)?;
        self.expect(&TokenKind::Close)?;
        Ok(Expr::Lambda(Lambda {
            quantifier,
            path,
            variable,
            body: Some(Box::new(body)),
        }))
    }
}
